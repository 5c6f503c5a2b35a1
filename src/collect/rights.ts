/** What the user may do, asked of the API server before anybody is asked for consent. Whoever is logged in may ask this about himself. */
import type { Access } from '../ladder/access.ts';
import type { Flow } from '../ladder/flow.ts';
import { PERMISSIONS } from './permissions.ts';

/** @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
export const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

export interface RightToCheck {
  readonly access: Extract<Access, 'source' | 'backend'>;
  readonly verb: string;
  readonly group: string;
  /** With its sub-resource: `pods/exec`. */
  readonly resource: string;
  readonly namespace: string;
}

/** What is missing for a level, as `patch pods/ephemeralcontainers in shop`; empty when all is there. */
export interface Rights {
  readonly source: readonly string[];
  readonly backend: readonly string[];
}

/** What a dry run says of a container: the shape in which it would be added, or why it would not be; neither where it says nothing. */
export interface Admission {
  readonly profile: string | null;
  /** In the words of whoever refuses. */
  readonly refusal: string | null;
}

/** What adding a container and running probes in it takes, at each level. */
export function rightsToCheck({ source, destination }: Pick<Flow, 'source' | 'destination'>): readonly RightToCheck[] {
  const there = destination.kind === 'Service' || destination.kind === 'Pod' ? destination.namespace : source.namespace;
  return PERMISSIONS.flatMap(({ access, place, group, resources, verbs }): readonly RightToCheck[] => {
    if (access !== 'source' && access !== 'backend') return [];
    const namespace = place === 'destination' ? there : source.namespace;
    // Without a watch the Pod is read every second, which is as good.
    return resources.flatMap((resource) =>
      verbs.filter((verb) => verb !== 'watch').map((verb) => ({ access, verb, group, resource, namespace })),
    );
  });
}

export function reviewOf({ verb, group, resource, namespace }: RightToCheck): object {
  const [name, subresource] = resource.split('/');
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace, verb, group, resource: name, subresource } },
  };
}

/** Whether the review says no; what it does not answer counts as yes, the API server will say so when it matters. */
export function isDenied(answer: unknown): boolean {
  return (answer as { status?: { allowed?: unknown } } | null)?.status?.allowed === false;
}

/** Whether the review says yes; for what is not done in doubt. */
export function isAllowed(answer: unknown): boolean {
  return (answer as { status?: { allowed?: unknown } } | null)?.status?.allowed === true;
}

export function rightsWithout(denied: readonly RightToCheck[]): Rights {
  const of = (access: RightToCheck['access']): readonly string[] => [
    ...new Set(
      denied
        .filter((right) => right.access === access)
        .map(({ verb, resource, namespace }) => `${verb} ${resource} in ${namespace}`),
    ),
  ];
  return { source: of('source'), backend: of('backend') };
}

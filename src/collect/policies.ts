/** Which policy APIs a cluster serves besides NetworkPolicy, and the lists to read of them. */
import * as z from 'zod/mini';
import type { Collected } from '../evidence/collected.ts';
import { type ApiGroup, OtherPolicySnapshot } from '../evidence/snapshots.ts';
import { type Reading, readList, readObject } from './read.ts';

interface Api {
  readonly whose: 'admin' | 'vendor';
  readonly group: string;
  /** The same objects under several groups or versions: only the first that is served is read. */
  readonly versions: readonly string[];
  readonly kinds: readonly { readonly plural: string; readonly kind: string; readonly namespaced?: true }[];
  /** A group that shows the same objects and is preferred. */
  readonly unless?: string;
}

const CALICO = [
  { plural: 'tiers', kind: 'Tier' },
  { plural: 'globalnetworkpolicies', kind: 'GlobalNetworkPolicy' },
  { plural: 'networkpolicies', kind: 'NetworkPolicy', namespaced: true },
] as const;

/**
 * @see https://network-policy-api.sigs.k8s.io/, https://docs.cilium.io/en/stable/network/kubernetes/policy/,
 *   https://docs.tigera.io/calico/latest/reference/resources/networkpolicy, https://antrea.io/docs/main/docs/antrea-network-policy/
 */
const APIS: readonly Api[] = [
  {
    whose: 'admin',
    group: 'policy.networking.k8s.io',
    versions: ['v1alpha1'],
    kinds: [
      { plural: 'adminnetworkpolicies', kind: 'AdminNetworkPolicy' },
      { plural: 'baselineadminnetworkpolicies', kind: 'BaselineAdminNetworkPolicy' },
    ],
  },
  {
    whose: 'admin',
    group: 'policy.networking.k8s.io',
    versions: ['v1beta1', 'v1alpha2'],
    kinds: [{ plural: 'clusternetworkpolicies', kind: 'ClusterNetworkPolicy' }],
  },
  {
    whose: 'vendor',
    group: 'cilium.io',
    versions: ['v2'],
    kinds: [
      { plural: 'ciliumclusterwidenetworkpolicies', kind: 'CiliumClusterwideNetworkPolicy' },
      { plural: 'ciliumnetworkpolicies', kind: 'CiliumNetworkPolicy', namespaced: true },
    ],
  },
  { whose: 'vendor', group: 'projectcalico.org', versions: ['v3'], kinds: CALICO },
  { whose: 'vendor', group: 'crd.projectcalico.org', versions: ['v1'], kinds: CALICO, unless: 'projectcalico.org' },
  {
    whose: 'vendor',
    group: 'crd.antrea.io',
    versions: ['v1beta1', 'v1alpha1'],
    kinds: [
      { plural: 'tiers', kind: 'Tier' },
      { plural: 'clusternetworkpolicies', kind: 'ClusterNetworkPolicy' },
      { plural: 'networkpolicies', kind: 'NetworkPolicy', namespaced: true },
    ],
  },
];

const GroupList = z.object({
  groups: z.array(z.object({ name: z.string(), versions: z.array(z.object({ version: z.string() })) })),
});

/** The groups above that the API server serves; an empty list is the fact that there are none. */
export async function readPolicyApis(reading: Reading): Promise<Collected<readonly ApiGroup[]>> {
  const answer = await readObject(reading, '/apis', GroupList, 'kubectl get --raw /apis');
  if (answer.status === 'missing') return answer;
  const groups = answer.value.found ? answer.value.object.groups : [];
  return {
    ...answer,
    value: groups
      .filter(({ name }) => APIS.some(({ group }) => group === name))
      .map(({ name, versions }) => ({ group: name, versions: versions.map(({ version }) => version) })),
  };
}

export interface PolicyList {
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly command: string;
}

/** One list for each kind of the cluster, and one for each namespace of the others. */
export function policyLists(
  whose: Api['whose'],
  served: readonly ApiGroup[],
  namespaces: readonly string[],
): readonly PolicyList[] {
  const versionsOf = (group: string): readonly string[] =>
    served.find((candidate) => candidate.group === group)?.versions ?? [];
  return APIS.filter((api) => api.whose === whose).flatMap((api): readonly PolicyList[] => {
    const version = api.versions.find((candidate) => versionsOf(api.group).includes(candidate));
    if (version === undefined || (api.unless !== undefined && versionsOf(api.unless).length > 0)) return [];
    const apiVersion = `${api.group}/${version}`;
    return api.kinds.flatMap(({ plural, kind, namespaced }): readonly PolicyList[] => {
      const resource = `${plural}.${api.group}`;
      if (namespaced !== true)
        return [
          { path: `/apis/${apiVersion}/${plural}`, apiVersion, kind, command: `kubectl get ${resource} -o yaml` },
        ];
      return namespaces.map((namespace) => ({
        path: `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
        apiVersion,
        kind,
        command: `kubectl -n ${namespace} get ${resource} -o yaml`,
      }));
    });
  });
}

/** Items of a list do not say what they are. */
export function readPolicyList(
  reading: Reading,
  { path, apiVersion, kind, command }: PolicyList,
): Promise<Collected<readonly OtherPolicySnapshot[]>> {
  return readList(
    reading,
    path,
    {
      safeParse: (value) =>
        OtherPolicySnapshot.safeParse(
          typeof value === 'object' && value !== null ? { ...value, apiVersion, kind } : value,
        ),
    },
    command,
  );
}

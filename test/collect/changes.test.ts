import { describe, expect, it } from 'vitest';
import { API_COLLECTORS } from '../../src/collect/api.ts';
import { somethingFails } from '../../src/collect/changes.ts';
import type { ApiAnswer, KubeApi } from '../../src/collect/ports.ts';
import {
  connectService,
  dnsAnswer,
  endpointsOf,
  NXDOMAIN,
  policy,
  rejected,
  WEB_TO_API,
  world,
} from '../support/world.ts';
import { readingOf } from './fake-kube.ts';

const wrote = (
  manager: string,
  time: string,
  part: 'f:spec' | 'f:data' | 'f:status',
  fields: readonly string[],
  more = {},
) => ({
  manager,
  operation: 'Update',
  time,
  fieldsV1: { [part]: Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) },
  ...more,
});
const named = (name: string, managedFields: readonly object[], more = {}) => ({
  metadata: { name, namespace: 'shop', managedFields, annotations: { secret: 'no' }, ...more },
  spec: { secret: 'no' },
});

/** Answers by path; anything else is refused. */
function kube(answers: Readonly<Record<string, unknown>>): KubeApi & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: (path): Promise<ApiAnswer> => {
      const [bare = ''] = path.split('?');
      asked.push(bare);
      const body = answers[bare];
      return Promise.resolve(
        body === undefined
          ? { kind: 'refused', status: 403, message: `cannot read ${bare}` }
          : { kind: 'object', body },
      );
    },
  };
}

const SERVICE = '/api/v1/namespaces/shop/services/api';
const DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/api';
const REVISIONS = '/apis/apps/v1/namespaces/shop/replicasets';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';
const all = {
  [SERVICE]: named('api', [
    wrote('kubectl-patch', '2026-03-02T09:58:00Z', 'f:spec', ['selector']),
    wrote('kube-controller-manager', '2026-03-02T09:59:00Z', 'f:status', ['loadBalancer'], { subresource: 'status' }),
  ]),
  [DEPLOYMENT]: named('api', [wrote('helm', '2026-03-01T08:00:00Z', 'f:spec', ['replicas', 'template'])]),
  [REVISIONS]: {
    items: [
      named('api-7d', [], {
        creationTimestamp: '2026-03-01T08:00:00Z',
        ownerReferences: [{ kind: 'Deployment', name: 'api' }],
      }),
      named('other-1', [], {
        creationTimestamp: '2026-03-01T08:00:00Z',
        ownerReferences: [{ kind: 'Deployment', name: 'other' }],
      }),
    ],
  },
  [POLICIES]: { items: [named('deny', [wrote('argocd', '2026-03-02T09:00:00Z', 'f:spec', ['ingress'])])] },
};
const failing = world({
  serviceConnects: [connectService(rejected('10.244.2.1'))],
  policies: [policy('deny', { podSelector: {} })],
});
const collect = (api: KubeApi) => API_COLLECTORS.changes.collect(readingOf(api), failing, WEB_TO_API);

describe('the changes before a failure', () => {
  it('are who wrote what and when, and each revision; no values, no status', async () => {
    const read = await collect(kube(all));
    expect(read.status === 'collected' && read.value).toEqual([
      {
        object: { kind: 'Service', namespace: 'shop', name: 'api' },
        at: '2026-03-02T09:58:00Z',
        operation: 'Update',
        manager: 'kubectl-patch',
        fields: ['selector'],
      },
      {
        object: { kind: 'Deployment', namespace: 'shop', name: 'api' },
        at: '2026-03-01T08:00:00Z',
        operation: 'Update',
        manager: 'helm',
        fields: ['replicas', 'template'],
      },
      {
        object: { kind: 'Deployment', namespace: 'shop', name: 'api' },
        at: '2026-03-01T08:00:00Z',
        operation: 'Rollout',
        fields: ['template'],
      },
      {
        object: { kind: 'NetworkPolicy', namespace: 'shop', name: 'deny' },
        at: '2026-03-02T09:00:00Z',
        operation: 'Update',
        manager: 'argocd',
        fields: ['ingress'],
      },
    ]);
  });

  it('are kept as far as they may be read', async () => {
    const { [DEPLOYMENT]: _forbidden, ...rest } = all;
    const read = await collect(kube(rest));
    expect(read).toMatchObject({ status: 'collected', lost: { reason: 'forbidden' } });
    expect(read.status === 'collected' && read.value.map(({ object }) => object.kind)).toEqual([
      'Service',
      'Deployment',
      'NetworkPolicy',
    ]);
  });

  it('are a gap when nothing may be read', async () =>
    expect(await collect(kube({}))).toMatchObject({ status: 'missing', gap: { reason: 'forbidden' } }));
});

describe('they are asked for', () => {
  it('not while all works', () => expect(somethingFails(world(), WEB_TO_API)).toBe(false));
  it('when a connection fails', () => expect(somethingFails(failing, WEB_TO_API)).toBe(true));
  it('when nothing is behind the Service', () =>
    expect(somethingFails(world({ endpoints: endpointsOf([]) }), WEB_TO_API)).toBe(true));
  it('when the name does not resolve', () =>
    expect(somethingFails(world({ nameLookup: dnsAnswer(NXDOMAIN) }), WEB_TO_API)).toBe(true));
});

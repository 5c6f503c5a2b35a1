import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apply, kubectl, netdebug, stage, unstage, until } from './stage.ts';

const NS = 'policy-apis';
const CRDS = join(import.meta.dirname, '../lab/manifests/policy-crds.yaml');
let folder = '';

/** Objects of every policy API but NetworkPolicy: one of each, by name. */
const OBJECTS: readonly (readonly [apiVersion: string, kind: string, name: string, spec: object, wide?: true])[] = [
  [
    'policy.networking.k8s.io/v1alpha1',
    'AdminNetworkPolicy',
    'admin',
    {
      priority: 7,
      subject: { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': NS } } },
      ingress: [{ action: 'Deny', from: [{ namespaces: { namespaceSelector: {} } }] }],
    },
    true,
  ],
  ['cilium.io/v2', 'CiliumNetworkPolicy', 'cilium', { endpointSelector: {}, ingress: [{}] }],
  ['crd.projectcalico.org/v1', 'Tier', 'early', { order: 10 }, true],
  ['crd.projectcalico.org/v1', 'GlobalNetworkPolicy', 'early.calico', { tier: 'early', selector: 'all()' }, true],
  ['crd.antrea.io/v1beta1', 'ClusterNetworkPolicy', 'antrea', { priority: 5, appliedTo: [{ podSelector: {} }] }, true],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netdebug-policies-'));
  await stage(NS);
});

afterAll(async () => {
  await kubectl('delete', 'adminnetworkpolicies', '--all', '--ignore-not-found');
  await kubectl('delete', '-f', CRDS, '--ignore-not-found');
  await unstage(NS);
  await rm(folder, { recursive: true, force: true });
});

/** What a run with access `api` saw of policies, by kind of evidence: names of objects, or what was found. */
async function seen(name: string): Promise<Record<string, unknown>> {
  const file = join(folder, name);
  await netdebug('-n', NS, 'web', 'api', '--access', 'api', '-o', 'json', '--record', file);
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return Object.fromEntries(
    lines
      .map((line) => JSON.parse(line) as { type?: string; kind?: string; collected?: { value?: unknown } })
      .filter(
        ({ type, kind }) => type === 'evidence-settled' && kind?.match(/^(policyApis|adminPolicies|vendorPolicies)$/),
      )
      .map(({ kind, collected }) => [kind, collected?.value]),
  );
}

test('policies of every API are read as the cluster has them, and asked for only where they are served', async () => {
  expect(Object.keys(await seen('before'))).not.toContain('vendorPolicies');
  await kubectl('apply', '-f', CRDS);
  await kubectl('wait', '--for=condition=Established', '-f', CRDS, '--timeout=60s');
  await apply(
    ...OBJECTS.map(([apiVersion, kind, name, spec, wide]) => ({
      apiVersion,
      kind,
      metadata: { name, ...(wide === true ? {} : { namespace: NS }) },
      spec,
    })),
  );
  await until('the API server shows the new groups', async () =>
    (await kubectl('get', '--raw', '/apis')).includes('crd.antrea.io'),
  );
  const after = await seen('after');
  expect((after.policyApis as { group: string }[]).map(({ group }) => group).sort()).toEqual([
    'cilium.io',
    'crd.antrea.io',
    'crd.projectcalico.org',
    'policy.networking.k8s.io',
  ]);
  const found = [...(after.adminPolicies as object[]), ...(after.vendorPolicies as object[])];
  expect(found).toHaveLength(OBJECTS.length);
  for (const [apiVersion, kind, name, spec] of OBJECTS)
    expect(found).toContainEqual(
      expect.objectContaining({ apiVersion, kind, metadata: expect.objectContaining({ name }), spec }),
    );
}, 180_000);

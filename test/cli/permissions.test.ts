import { load, loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/args.ts';
import { permissionsCommand, permissionsText, policyRules, rulesWithout } from '../../src/cli/permissions.ts';
import { PERMISSIONS, type Permission } from '../../src/collect/permissions.ts';

interface Role {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const roles = (text: string): readonly Role[] => (loadAll(text) as (Role | null)[]).filter((role) => role !== null);
const namesOf = (text: string) =>
  roles(text).map(({ kind, metadata }) => [kind, metadata.namespace ?? null, metadata.name]);
const verbsFor = (role: Role | undefined, resource: string) =>
  (role?.rules ?? []).filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs);

function right(changes: Partial<Permission>): Permission {
  const base = { access: 'api', place: 'path', group: '', resources: ['pods'], verbs: ['get'] } as const;
  return { ...base, tells: '', evidence: [], ...changes };
}

describe('rules of a role', () => {
  it('join resources of one group with the same verbs', () =>
    expect(
      policyRules([
        right({}),
        right({ resources: ['services'] }),
        right({ group: 'apps', resources: ['deployments'] }),
      ]),
    ).toEqual([
      { apiGroups: [''], resources: ['pods', 'services'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] },
    ]));

  it('join verbs of one resource, in the usual order', () =>
    expect(policyRules([right({ verbs: ['watch'] }), right({ verbs: ['list', 'get'] })])).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    ]));

  it('keep a right to some names apart, and drop it where all are allowed', () => {
    const named = right({ resources: ['services'], names: ['kube-dns'] });
    expect(policyRules([named])).toEqual([
      { apiGroups: [''], resources: ['services'], resourceNames: ['kube-dns'], verbs: ['get'] },
    ]);
    expect(policyRules([named, right({ resources: ['services'], verbs: ['get', 'list'] })])).toEqual([
      { apiGroups: [''], resources: ['services'], verbs: ['get', 'list'] },
    ]);
    expect(policyRules([named, right({ resources: ['services'], verbs: ['list'] })])).toHaveLength(2);
  });
});

describe('permissions', () => {
  it('for access api are reads of the whole cluster, without Secrets, and of ConfigMaps only one', () => {
    const text = permissionsText('api', null);
    expect(namesOf(text)).toEqual([['ClusterRole', null, 'netdebug-read']]);
    const { apiVersion, rules } = load(text) as Role;
    expect(apiVersion).toBe('rbac.authorization.k8s.io/v1');
    expect([...new Set(rules.flatMap(({ verbs }) => verbs))].sort()).toEqual(['get', 'list']);
    expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
    expect(rules.find(({ resources }) => resources.includes('configmaps'))?.resourceNames).toEqual(['coredns']);
    expect(text).toContain(
      '#   kubectl create clusterrolebinding netdebug-read --clusterrole=netdebug-read --user=NAME',
    );
  });

  it('keep debug containers in a role of their own, to be bound in a namespace', () => {
    const text = permissionsText('source', null);
    expect(namesOf(text)).toEqual([
      ['ClusterRole', null, 'netdebug-read'],
      ['ClusterRole', null, 'netdebug-debug'],
    ]);
    const [reads, debug] = roles(text);
    expect(verbsFor(reads, 'pods/exec')).toEqual([]);
    expect(verbsFor(debug, 'pods/exec')).toEqual(['get', 'create']);
    expect(verbsFor(debug, 'pods/ephemeralcontainers')).toEqual(['patch']);
    expect(verbsFor(debug, 'pods')).toEqual(['watch']);
    expect(text).toContain('#   kubectl -n NAMESPACE create rolebinding netdebug-debug --clusterrole=netdebug-debug');
  });

  it('say where a level needs them', () => {
    expect(permissionsText('source', null)).toContain('# namespaces of sources, never for the whole cluster:');
    expect(permissionsText('backend', null)).toContain(
      '# namespaces of sources and backends, never for the whole cluster:',
    );
    expect(permissionsText('node', null)).toContain('may do anything on a node');
  });

  it('of a namespace are Roles, with what they cannot give', () => {
    const text = permissionsText('source', 'shop');
    expect(namesOf(text)).toEqual([
      ['Role', 'shop', 'netdebug'],
      ['Role', 'kube-system', 'netdebug'],
    ]);
    const [shop, system] = roles(text);
    expect(verbsFor(shop, 'pods')).toEqual(['get', 'list', 'watch']);
    expect(verbsFor(shop, 'nodes')).toEqual([]);
    expect(verbsFor(system, 'pods')).toEqual(['list']);
    expect(verbsFor(system, 'pods/exec')).toEqual([]);
    expect(text).toContain('#   kubectl -n shop create rolebinding netdebug --role=netdebug --user=NAME');
    expect(text).toContain(
      '#   get, list nodes: whether a node is down; near names of Nodes after a slip\n#     cannot be judged: zone-routing-imbalance, host-firewall-input, node-down',
    );
    expect(text).toContain('#   get leases in kube-node-lease: when a node was last heard of');
  });

  it('of kube-system are one Role', () => {
    const text = permissionsText('api', 'kube-system');
    expect(namesOf(text)).toEqual([['Role', 'kube-system', 'netdebug']]);
    expect(verbsFor(roles(text)[0], 'configmaps')).toEqual(['get']);
  });

  it('refuse an argument, with what was probably meant', () => {
    const args = { positionals: ['permissions', 'shop'], access: null, namespace: undefined, output: null };
    expect(() => permissionsCommand(args)).toThrow(UsageError);
  });
});

describe('rules without a right', () => {
  const of = (resource: string) => {
    const permission = PERMISSIONS.find(({ place, resources }) => place === 'cluster' && resources.includes(resource));
    return permission === undefined ? null : rulesWithout(permission);
  };

  it('stay open when they need it, and know less when they use it', () => {
    expect(of('nodes')?.open).toEqual(['zone-routing-imbalance', 'host-firewall-input', 'node-down']);
    expect(of('servicecidrs')).toEqual({ open: [], unsure: ['vip-or-port-undefined', 'cidr-overlap'] });
  });
});

/** Which policy APIs a cluster serves besides NetworkPolicy, and the lists to read of them. */
import * as z from 'zod/mini';
import type { Collected } from '../evidence/collected.ts';
import { type ApiGroup, OtherPolicySnapshot } from '../evidence/snapshots.ts';
import { type Reading, readAll, readList, readObject } from './read.ts';

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

/** Objects that policies refer to: read where one does. */
interface Referred extends Omit<Api, 'unless'> {
  /** In the text of a policy of that group. */
  readonly pattern: RegExp;
}

const SETS = [
  { plural: 'globalnetworksets', kind: 'GlobalNetworkSet' },
  { plural: 'networksets', kind: 'NetworkSet', namespaced: true },
] as const;
/** Any selector of a rule may mean them. */
const SELECTS = /"(?:source|destination)":\{[^{}]*"(?:s|notS)elector":/;

/**
 * @see https://docs.cilium.io/en/stable/network/kubernetes/ciliumcidrgroup/,
 *   https://docs.tigera.io/calico/latest/reference/resources/networkset, https://antrea.io/docs/main/docs/antrea-network-policy/
 */
const REFERRED: readonly Referred[] = [
  {
    whose: 'vendor',
    group: 'cilium.io',
    versions: ['v2', 'v2alpha1'],
    kinds: [{ plural: 'ciliumcidrgroups', kind: 'CiliumCIDRGroup' }],
    pattern: /"cidrGroup(?:Ref|Selector)":/,
  },
  { whose: 'vendor', group: 'projectcalico.org', versions: ['v3'], kinds: SETS, pattern: SELECTS },
  { whose: 'vendor', group: 'crd.projectcalico.org', versions: ['v1'], kinds: SETS, pattern: SELECTS },
  {
    whose: 'vendor',
    group: 'crd.antrea.io',
    versions: ['v1beta1', 'v1alpha3'],
    kinds: [
      { plural: 'clustergroups', kind: 'ClusterGroup' },
      { plural: 'groups', kind: 'Group', namespaced: true },
    ],
    pattern: /"group":/,
  },
];

/** Lists of what these policies refer to, in every version that is served: an object is shown by one or by several. */
export function referredLists(
  policies: readonly OtherPolicySnapshot[],
  served: readonly ApiGroup[],
  namespaces: readonly string[],
): readonly PolicyList[] {
  return REFERRED.filter((api) =>
    policies.some(({ apiVersion, spec, specs }) => {
      const isOfGroup = apiVersion.startsWith(`${api.group}/`);
      return isOfGroup && api.pattern.test(JSON.stringify([spec, specs]));
    }),
  ).flatMap((api) => {
    const versions = served.find(({ group }) => group === api.group)?.versions ?? [];
    return api.versions
      .filter((version) => versions.includes(version))
      .flatMap((version) => listsOf(api, version, namespaces));
  });
}

/** An object that several versions show, once. */
export function withoutDoubles(objects: readonly OtherPolicySnapshot[]): readonly OtherPolicySnapshot[] {
  const key = ({ apiVersion, kind, metadata }: OtherPolicySnapshot): string =>
    [apiVersion.split('/')[0], kind, metadata.namespace, metadata.name].join(' ');
  return [...new Map(objects.toReversed().map((object) => [key(object), object])).values()].toReversed();
}

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
    return listsOf(api, version, namespaces);
  });
}

function listsOf(
  api: Pick<Api, 'group' | 'kinds'>,
  version: string,
  namespaces: readonly string[],
): readonly PolicyList[] {
  const apiVersion = `${api.group}/${version}`;
  return api.kinds.flatMap(({ plural, kind, namespaced }): readonly PolicyList[] => {
    const resource = `${plural}.${api.group}`;
    if (namespaced !== true)
      return [{ path: `/apis/${apiVersion}/${plural}`, apiVersion, kind, command: `kubectl get ${resource} -o yaml` }];
    return namespaces.map((namespace) => ({
      path: `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
      apiVersion,
      kind,
      command: `kubectl -n ${namespace} get ${resource} -o yaml`,
    }));
  });
}

/**
 * Policies of all these lists, and what they refer to. A group that cannot be read is left out: the policy then says that it
 * is not there or could not be read.
 */
export async function readPolicies(
  reading: Reading,
  lists: readonly PolicyList[],
  served: readonly ApiGroup[],
  namespaces: readonly string[],
): Promise<Collected<readonly OtherPolicySnapshot[]>> {
  const policies = await readAll(
    lists.map((list) => readPolicyList(reading, list)),
    lists.map(({ command }) => command).join('; '),
  );
  if (policies.status === 'missing') return policies;
  const referred = await Promise.all(
    referredLists(policies.value, served, namespaces).map((list) => readPolicyList(reading, list)),
  );
  const groups = referred.flatMap((read) => (read.status === 'collected' ? read.value : []));
  return groups.length === 0 ? policies : { ...policies, value: [...policies.value, ...withoutDoubles(groups)] };
}

/** Items of a list do not say what they are. */
function readPolicyList(
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

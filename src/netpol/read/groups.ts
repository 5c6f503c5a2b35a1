/** Objects that policies refer to instead of naming addresses and labels themselves: groups and sets of networks. */
import { inCidr } from '../cidr.ts';
import type { PolicyEnd } from '../flow.ts';
import { allOf, anyOf, type Match, no, open, yes } from '../match.ts';
import type { Labels } from '../selector.ts';
import { cidr, labelSelector, matchNamespaceLabels, matchPodLabels, objectOf } from './common.ts';
import { attempt, isRecord, list, maybe, only, type Raw, record, text, texts } from './raw.ts';

interface Block {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** Blocks with labels: CiliumCIDRGroup, NetworkSet, GlobalNetworkSet. */
export interface AddressGroup {
  readonly kind: string;
  /** Null: of the whole cluster. */
  readonly namespace: string | null;
  readonly name: string;
  readonly labels: Labels;
  readonly blocks: readonly string[];
}

/** What was read of them. What is not here does not exist, or was not read: nobody can tell. */
export interface Groups {
  cidrGroup(name: string): AddressGroup | null;
  readonly cidrGroups: readonly AddressGroup[];
  readonly networkSets: readonly AddressGroup[];
  /** Whether an end belongs to a group of Antrea; `within` null: a ClusterGroup. */
  antreaGroup(name: string, within: string | null, end: PolicyEnd): Match;
}

/** Kinds that are no policies: {@link readGroups} reads them. */
export const GROUP_KINDS: readonly string[] = [
  'CiliumCIDRGroup',
  'NetworkSet',
  'GlobalNetworkSet',
  'ClusterGroup',
  'Group',
];

/** An object that its API would not accept is told of, and is then as good as not there. */
export function readGroups(raws: readonly unknown[], tell: (problem: string) => void): Groups {
  const cidrGroups: AddressGroup[] = [];
  const networkSets: AddressGroup[] = [];
  const antrea = new Map<string, AntreaGroup>();
  for (const raw of raws) {
    if (!isRecord(raw) || typeof raw.apiVersion !== 'string' || typeof raw.kind !== 'string') continue;
    if (!GROUP_KINDS.includes(raw.kind)) continue;
    const { kind, namespace, name } = objectOf(raw, null);
    attempt(
      () => {
        if (kind === 'CiliumCIDRGroup') cidrGroups.push(addressGroup(raw, 'externalCIDRs'));
        else if (kind === 'NetworkSet' || kind === 'GlobalNetworkSet') networkSets.push(addressGroup(raw, 'nets'));
        else antrea.set(keyOf(kind === 'Group' ? (namespace ?? 'default') : null, name), antreaGroup(raw));
      },
      (problem) => tell(`${kind} ${namespace === null ? '' : `${namespace}/`}${name} is not valid: ${problem}`),
    );
  }
  return {
    cidrGroup: (name) => cidrGroups.find((group) => group.name === name) ?? null,
    cidrGroups,
    networkSets,
    antreaGroup: (name, within, end) => matchAntreaGroup(antrea, name, within, end, []),
  };
}

export const NO_GROUPS: Groups = readGroups([], () => undefined);

function addressGroup(raw: Raw, field: string): AddressGroup {
  const { kind, namespace, name } = objectOf(raw, null);
  const spec = record(raw.spec, 'spec');
  only(spec, [field], 'spec');
  const metadata = record(raw.metadata, 'metadata');
  const labels = Object.entries(record(metadata.labels, 'labels')).map(([key, value]) => [key, text(value, key)]);
  return {
    kind,
    namespace: kind === 'NetworkSet' ? (namespace ?? 'default') : null,
    name,
    labels: Object.fromEntries(labels) as Labels,
    blocks: texts(spec[field], field).map((block) => blockText(block, field)),
  };
}

/** A block, or a bare address, which is a block of one. */
function blockText(given: string, field: string): string {
  return cidr(given.includes('/') ? given : `${given}/${given.includes(':') ? 128 : 32}`, field);
}

/** Whether a group holds one of the addresses; the term names the group. */
export function inGroup({ kind, namespace, name, blocks }: AddressGroup, end: PolicyEnd): Match {
  const called = `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
  return end.addresses.some((address) => blocks.some((block) => inCidr(address, block)))
    ? yes(called)
    : no({ term: 'ip-block', needs: `an address of ${called}`, has: end.addresses.join(', ') || 'no address' });
}

interface AntreaGroup {
  readonly blocks: readonly Block[];
  readonly children: readonly string[];
  /** A term that is not read: the members are not all known. */
  readonly unread: string | null;
  readonly selects: ((end: PolicyEnd) => Match) | null;
}

/** @see https://antrea.io/docs/main/docs/antrea-network-policy/#clustergroup */
function antreaGroup(raw: Raw): AntreaGroup {
  const { namespace } = objectOf(raw, null);
  const within = raw.kind === 'Group' ? (namespace ?? 'default') : null;
  const spec = record(raw.spec, 'spec');
  const fields = ['podSelector', 'namespaceSelector', 'ipBlock', 'ipBlocks', 'childGroups'];
  const unreadable = ['serviceReference', 'externalEntitySelector'];
  only(spec, [...fields, ...unreadable], 'spec');
  const isGiven = (field: string): boolean => spec[field] !== undefined && spec[field] !== null;
  const blocks = [...(isGiven('ipBlock') ? [spec.ipBlock] : []), ...list(spec.ipBlocks, 'ipBlocks')].map((item) => {
    const block = record(item, 'ipBlocks');
    only(block, ['cidr', 'except'], 'ipBlocks');
    return { cidr: cidr(block.cidr, 'cidr'), except: list(block.except, 'except').map((hole) => cidr(hole, 'except')) };
  });
  const pods = labelSelector(spec.podSelector, 'podSelector');
  const namespaces = maybe(spec.namespaceSelector, labelSelector, 'namespaceSelector') ?? null;
  return {
    blocks,
    children: texts(spec.childGroups, 'childGroups'),
    unread: unreadable.find(isGiven) ?? null,
    selects:
      isGiven('podSelector') || isGiven('namespaceSelector')
        ? (end) =>
            end.outside === true
              ? no({ term: 'other', needs: 'a Pod', has: end.addresses.join(', ') })
              : allOf([
                  namespaces !== null
                    ? matchNamespaceLabels(namespaces, end)
                    : within === null || end.namespace === within
                      ? yes('')
                      : no({ term: 'own-namespace', needs: within, has: end.namespace }),
                  matchPodLabels(pods, end),
                ])
        : null,
  };
}

function keyOf(within: string | null, name: string): string {
  return `${within ?? ''}/${name}`;
}

function matchAntreaGroup(
  groups: ReadonlyMap<string, AntreaGroup>,
  name: string,
  within: string | null,
  end: PolicyEnd,
  above: readonly string[],
): Match {
  const called = within === null ? `ClusterGroup ${name}` : `Group ${within}/${name}`;
  if (above.includes(name)) return open('malformed', `${called} has itself for a member`);
  const group = groups.get(keyOf(within, name));
  if (group === undefined) return open('not-readable', `${called} is not there, or could not be read`);
  const block = group.blocks.find(({ cidr: whole, except }) =>
    end.addresses.some((address) => inCidr(address, whole) && !except.some((hole) => inCidr(address, hole))),
  );
  const match = anyOf([
    ...(block === undefined ? [] : [yes(called)]),
    ...(group.selects === null ? [] : [named(group.selects(end), called)]),
    ...group.children.map((child) => matchAntreaGroup(groups, child, within, end, [...above, name])),
    ...(group.unread === null ? [] : [open('not-readable', `${called}: ${group.unread} is not read by this tool`)]),
  ]);
  const miss = { term: 'other', needs: `a member of ${called}`, has: end.name } as const;
  return match.is === 'no' ? no(...(match.misses.length === 0 ? [miss] : match.misses)) : match;
}

function named(match: Match, called: string): Match {
  return match.is === 'yes' ? yes(called) : match;
}

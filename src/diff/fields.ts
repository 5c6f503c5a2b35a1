/** Two values of one shape, field by field. */

export interface FieldChange {
  /** `spec.ports[http].targetPort`; empty when the values are no objects. */
  readonly path: string;
  /** Null: not there. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Changes with every run or says what another object says better: points in time, uids of others, debug containers. */
const NOISE: readonly string[] = [
  'creationTimestamp',
  'lastTransitionTime',
  'startedAt',
  'finishedAt',
  'leaseRenewedAt',
  'renewTime',
  'time',
  'message',
  'ephemeralContainers',
  'ephemeralContainerStatuses',
];

/** What tells the items of a Kubernetes list apart, the first that they have; without one their place counts. */
const IDENTITIES: readonly string[] = ['name', 'type', 'addresses', 'ip', 'address'];

/** Fields that differ, in the order in which they stand. The order of list items that have a name is none of them. */
export function changedFields(before: unknown, after: unknown): readonly FieldChange[] {
  const [old, now] = [flat(before), flat(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const change = { path, before: old.get(path) ?? null, after: now.get(path) ?? null };
    return change.before === change.after ? [] : [change];
  });
}

function flat(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) return into;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) into.set(path, [...value].map(String).sort().join(', '));
    else for (const [index, item] of value.entries()) flat(item, `${path}[${identity(item, index)}]`, into);
    return into;
  }
  if (typeof value !== 'object') return into.set(path, String(value));
  for (const [key, item] of Object.entries(value)) {
    const isOfOthers = key === 'uid' && path !== 'metadata';
    if (!NOISE.includes(key) && !isOfOthers) flat(item, path === '' ? key : `${path}.${key}`, into);
  }
  return into;
}

function identity(item: unknown, index: number): string {
  const fields = item as Record<string, unknown>;
  const key = IDENTITIES.find((name) => fields[name] !== undefined && fields[name] !== '');
  return key === undefined ? String(index) : String(fields[key]);
}

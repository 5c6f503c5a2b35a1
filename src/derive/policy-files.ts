/** Policies in files, as `kubectl apply` takes them: judged as if they were in the cluster. */
import { loadAll } from 'js-yaml';
import type { OtherPolicySnapshot, PolicySnapshot } from '../evidence/snapshots.ts';

export interface ProposedPolicies {
  readonly policies: readonly PolicySnapshot[];
  readonly others: readonly OtherPolicySnapshot[];
  /** One sentence for each document that is no policy, or cannot be read. */
  readonly problems: readonly string[];
}

const OTHER_GROUPS = /^(policy\.networking\.k8s\.io|cilium\.io|(crd\.)?projectcalico\.org|crd\.antrea\.io)\//;

/** @param namespace of policies that name none, as with kubectl */
export function readPolicyFile(text: string, file: string, namespace: string): ProposedPolicies {
  const problems: string[] = [];
  let documents: readonly unknown[];
  try {
    documents = loadAll(text);
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { policies: [], others: [], problems: [`${file} is not YAML: ${reason}.`] };
  }
  const policies: PolicySnapshot[] = [];
  const others: OtherPolicySnapshot[] = [];
  for (const object of documents.flatMap(itemsOf)) {
    if (object === null || object === undefined) continue;
    const { apiVersion, kind, metadata } = object as Partial<OtherPolicySnapshot>;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof metadata?.name !== 'string') {
      problems.push(`${file} has a document without apiVersion, kind or metadata.name.`);
      continue;
    }
    const placed = { ...(object as object), metadata: { namespace, ...metadata } };
    if (apiVersion === 'networking.k8s.io/v1' && kind === 'NetworkPolicy') {
      const { spec } = object as { spec?: unknown };
      // As the cluster's own are kept: without what every one of them says.
      if (typeof spec === 'object' && spec !== null)
        policies.push({ metadata: placed.metadata, spec } as unknown as PolicySnapshot);
      else problems.push(`${file}: NetworkPolicy ${metadata.name} has no spec.`);
    } else if (OTHER_GROUPS.test(apiVersion)) {
      others.push((isNamespaced(apiVersion, kind) ? placed : object) as OtherPolicySnapshot);
    } else {
      problems.push(`${file}: ${kind} ${metadata.name} is no policy; it is left out.`);
    }
  }
  return { policies, others, problems };
}

/** A kind of the whole cluster has no namespace, whatever the file says. */
function isNamespaced(apiVersion: string, kind: string): boolean {
  if (kind === 'CiliumNetworkPolicy' || kind === 'NetworkSet' || kind === 'Group') return true;
  return kind === 'NetworkPolicy' && !apiVersion.startsWith('policy.networking.k8s.io/');
}

function itemsOf(document: unknown): readonly unknown[] {
  if (typeof document !== 'object' || document === null) return [document];
  const { kind, items } = document as { kind?: unknown; items?: unknown };
  return kind === 'List' && Array.isArray(items) ? items.flatMap(itemsOf) : [document];
}

function groupOf(policy: object): string {
  return ((policy as { apiVersion?: string }).apiVersion ?? '').split('/')[0] ?? '';
}

/** The policies as they would be: one of the same kind, namespace and name is replaced, a new one added. */
export function withProposed<
  T extends { readonly metadata: { readonly name: string; readonly namespace?: string | undefined } },
>(existing: readonly T[], proposed: readonly T[]): readonly T[] {
  const key = (policy: T): string =>
    [groupOf(policy), (policy as { kind?: string }).kind, policy.metadata.namespace, policy.metadata.name].join(' ');
  const replaced = new Set(proposed.map(key));
  return [...existing.filter((policy) => !replaced.has(key(policy))), ...proposed];
}

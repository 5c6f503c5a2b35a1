/** `--with`: policies that are not in the cluster, judged as if they were. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Reading, readList } from '../collect/read.ts';
import { type ProposedPolicies, readPolicyFile } from '../derive/policy-files.ts';
import { NamespaceSnapshot } from '../evidence/snapshots.ts';
import type { ReportProposal } from '../report/proposal.ts';
import type { Climb } from '../session/session.ts';
import { type Arguments, UsageError } from './args.ts';
import { readNamed } from './files.ts';

const WITHOUT_POLICIES: readonly string[] = ['explain', 'permissions', 'check', 'diff', 'demo', 'version'];

/** @throws {UsageError} where `--with` has no meaning */
export function checkWith({ positionals: [command = ''], redact }: Pick<Arguments, 'positionals' | 'redact'>): void {
  if (WITHOUT_POLICIES.includes(command))
    throw new UsageError(`--with is for a run and for policy, not for ${command}.`, [
      'kubectl netdebug web api --with new.yaml',
      'kubectl netdebug policy web --with new.yaml',
    ]);
  if (redact) throw new UsageError('--redact leaves no names that the policies of --with could be about.');
}

/**
 * What a run says of the files; undefined without any.
 *
 * @param reading to look up the labels of namespaces, which a run reads only where policies of today ask for them; null: no cluster
 */
export async function openProposal(
  paths: readonly string[],
  namespace: string,
  reading: Reading | null,
): Promise<((climb: Climb) => ReportProposal) | undefined> {
  if (paths.length === 0) return undefined;
  const { proposalOf } = await import('../report/proposal.ts');
  const proposed = await readProposed(paths, namespace);
  const read =
    reading === null
      ? null
      : await readList(reading, '/api/v1/namespaces', NamespaceSnapshot, 'kubectl get namespaces --show-labels');
  const spaces = read?.status === 'collected' ? read.value : [];
  return (climb) => proposalOf(climb, paths, proposed, spaces);
}

/**
 * The policies of --with: files, and the YAML and JSON files of folders.
 *
 * @param namespace of policies that name none
 * @throws {UsageError} for a file that cannot be read
 */
export async function readProposed(paths: readonly string[], namespace: string): Promise<ProposedPolicies> {
  const files = (
    await Promise.all(
      paths.map(async (path) => {
        const isFolder =
          path !== '-' &&
          (await stat(path)
            .then((found) => found.isDirectory())
            .catch(() => false));
        if (!isFolder) return [path];
        return (await readdir(path))
          .filter((file) => /\.(ya?ml|json)$/.test(file))
          .sort()
          .map((file) => join(path, file));
      }),
    )
  ).flat();
  const read = await Promise.all(
    files.map(async (file) =>
      readPolicyFile(await readNamed(file, 'kubectl get networkpolicies -o yaml'), file, namespace),
    ),
  );
  return {
    policies: read.flatMap((one) => one.policies),
    others: read.flatMap((one) => one.others),
    problems: read.flatMap((one) => one.problems),
  };
}

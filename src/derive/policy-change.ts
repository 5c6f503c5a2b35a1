/** A change of a policy as a person reads and applies it. */
import { createTwoFilesPatch } from 'diff';
import type { PolicySnapshot } from '../evidence/snapshots.ts';
import type { PolicyChange } from '../netpol/fix.ts';
import { applyCommand, toYaml } from './yaml.ts';

/** A command to paste: `kubectl patch` for a policy that exists, `kubectl apply` for a new one. */
export function changeCommand({ before, after, patch }: PolicyChange): string {
  if (before === null) return applyCommand(manifestOf(after));
  const { name, namespace } = after.metadata;
  return `kubectl -n ${namespace} patch networkpolicy ${name} --type=json -p '${JSON.stringify(patch).replaceAll("'", "'\\''")}'`;
}

/** The change as a unified diff of the policy's YAML, with three lines around each difference. */
export function changeDiff({ before, after }: PolicyChange): string {
  const name = `${after.metadata.namespace}/${after.metadata.name}.yaml`;
  return createTwoFilesPatch(
    before === null ? '/dev/null' : name,
    name,
    before === null ? '' : `${toYaml(manifestOf(before))}\n`,
    `${toYaml(manifestOf(after))}\n`,
    undefined,
    undefined,
    { context: 3, headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true } },
  ).trimEnd();
}

/** The policy as `kubectl apply` takes it, with nothing that the API server adds by itself. */
export function manifestOf({ metadata, spec }: PolicySnapshot): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: metadata.name, namespace: metadata.namespace },
    spec,
  };
}

import { ownerOf } from '../../derive/pods.ts';
import type { PodSnapshot } from '../../evidence/snapshots.ts';
import type { FixStep } from '../rule.ts';

/** The command of a step that changes a Pod's template: `kubectl -n shop edit deployment api`. None for a Pod that nothing owns. */
export function editOwner(pod: PodSnapshot): Pick<FixStep, 'run'> {
  const owner = ownerOf(pod);
  return owner === null ? {} : { run: `kubectl -n ${owner.namespace} edit ${owner.kind.toLowerCase()} ${owner.name}` };
}

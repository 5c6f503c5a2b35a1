import { describe, expect, it } from 'vitest';
import { nothingReadable } from '../../src/cli/drive.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import { runOf } from '../support/run.ts';
import { world } from '../support/world.ts';

const refused = { reason: 'forbidden', detail: 'User "nobody" cannot get resource "pods"' } as const;

/** Everything refused, but for these kinds. */
function readable(...kinds: readonly string[]): Evidence {
  return Object.fromEntries(
    Object.entries(world()).map(([kind, item]) => [
      kind,
      kinds.includes(kind) ? item : { status: 'missing', gap: refused, command: '', atMs: 0 },
    ]),
  );
}

describe('rights to nothing at all', () => {
  it('are a problem of their own, although everybody may ask which APIs there are', () => {
    const { climb } = runOf({ evidence: readable('policyApis', 'adminPolicies', 'vendorPolicies'), access: 'api' });
    expect(nothingReadable(climb)).toMatchObject({
      kind: 'environment',
      message: 'Nothing at all may be read in this cluster: User "nobody" cannot get resource "pods"',
    });
  });

  it('are not what somebody has who may read one thing', () => {
    const { climb } = runOf({ evidence: readable('policyApis', 'dnsService'), access: 'api' });
    expect(nothingReadable(climb)).toBeNull();
  });
});

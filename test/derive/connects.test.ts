import { describe, expect, it } from 'vitest';
import { isRejected, isReset, reachable, sawConnect } from '../../src/derive/connects.ts';
import { apiC, connect, HOST_UNREACHABLE, REFUSED, reset, SILENT } from '../support/world.ts';

const icmp = (from: string, type: number, code: number, ttl = 64) =>
  ({ refusal: { kind: 'icmp', from, ttl, type, code } }) as const;
const NO_NETWORK = { outcome: { kind: 'net-unreachable', ms: 0.3 }, exchange: { kind: 'none' } } as const;
const failed = (text: string) => ({ outcome: { kind: 'failed', text }, exchange: { kind: 'none' } }) as const;

/** What the client saw, and what the capture beside it says about who answered. */
describe('who answered', () => {
  it.each([
    ['the kernel of the backend', reset('10.244.3.11'), 'refused by a TCP reset from 10.244.3.11 (TTL 62)'],
    [
      'a firewall that forges a reset nearer by',
      reset('10.244.3.11', 63),
      'refused by a TCP reset from 10.244.3.11 (TTL 63)',
    ],
    [
      'the own node, before translation',
      { ...REFUSED, ...icmp('10.244.2.1', 3, 3) },
      'refused by ICMP 3/3 from 10.244.2.1',
    ],
    [
      'somebody behind the translation',
      { ...REFUSED, ...icmp('10.96.114.140', 3, 3, 63) },
      'refused by ICMP 3/3 from 10.96.114.140',
    ],
    [
      'the far node: the address is not there',
      { ...HOST_UNREACHABLE, ...icmp('10.244.3.1', 3, 1, 63) },
      'host unreachable after 3.1 s, said 10.244.3.1 by ICMP 3/1 (nobody there has that address)',
    ],
    ['nobody: the own kernel got no answer to ARP', HOST_UNREACHABLE, 'host unreachable after 3.1 s'],
    [
      'a firewall that says so',
      { outcome: { kind: 'host-unreachable', ms: 0.6 }, exchange: { kind: 'none' }, ...icmp('10.90.0.13', 3, 13, 63) },
      'host unreachable after 0.6 ms, said 10.90.0.13 by ICMP 3/13 (prohibited by an administrator)',
    ],
    [
      'two routers that point at each other',
      { outcome: { kind: 'host-unreachable', ms: 1.2 }, exchange: { kind: 'none' }, ...icmp('10.90.0.1', 11, 0, 62) },
      'host unreachable after 1.2 ms, said 10.90.0.1 by ICMP 11/0 (time exceeded, a routing loop)',
    ],
    [
      'a router beyond the node',
      { ...NO_NETWORK, ...icmp('10.90.0.1', 3, 0, 63) },
      'network unreachable, said 10.90.0.1 by ICMP 3/0 (no route to that network)',
    ],
    ['the own Pod, which has no route', NO_NETWORK, 'network unreachable'],
    [
      'a rule in the own OUTPUT chain (EPERM)',
      failed('Operation not permitted'),
      'Operation not permitted: refused by the own Pod, no packet left it',
    ],
    [
      'a blackhole route in the own Pod (EINVAL)',
      failed('Invalid argument'),
      'Invalid argument: refused by the own Pod, no packet left it',
    ],
    [
      'a prohibit route in the own Pod (EACCES)',
      failed('Permission denied'),
      'Permission denied: refused by the own Pod, no packet left it',
    ],
    ['nobody', SILENT, 'no answer in 4 s'],
  ] as const)('%s', (_who, change, text) => expect(sawConnect(connect(apiC, change))).toBe(text));

  it('is the other end for a reset, and somebody on the way for ICMP', () => {
    expect(isReset(connect(apiC, reset('10.244.3.11')))).toBe(true);
    expect(isRejected(connect(apiC, { ...REFUSED, ...icmp('10.244.2.1', 3, 3) }))).toBe(true);
    expect(reachable(connect(apiC, { ...REFUSED, ...icmp('10.244.2.1', 3, 3) }))).toBe(false);
  });
});

it('says when an answer had begun and did not end', () =>
  expect(
    sawConnect(connect(apiC, { exchange: { kind: 'http', status: 200, bytes: 1380, firstByteMs: 2, isCut: true } })),
  ).toBe('connected in 0.9 ms, HTTP 200, not complete after 1,380 bytes'));

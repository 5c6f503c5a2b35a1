import { describe, expect, it } from 'vitest';
import { droppings, dropsBetween, stillLost } from '../../src/derive/node-counters.ts';
import { apiA, apiC, CONNECTED, connect, nodeState, SILENT } from '../support/world.ts';

const drops = (invalid: number) => ({ tableFull: 4, insertFailed: 0, invalid, reversePath: 0 });
const chain = (packets: number) => ({
  forward: [{ variant: 'nft' as const, defaultAction: 'DROP', policyPackets: packets, drops: [] }],
});
const table = (hook: 'forward' | 'input', rule: string) => ({
  table: 'inet firewall',
  chain: hook,
  hook,
  defaultAction: 'accept',
  drops: [{ rule, packets: 1 }],
});

describe('what moved between two looks', () => {
  it('is the difference', () =>
    expect(dropsBetween([nodeState('n3', { drops: drops(5) })], [nodeState('n3', { drops: drops(9) })], 'n3')).toEqual({
      tableFull: 0,
      insertFailed: 0,
      invalid: 4,
      reversePath: 0,
    }));

  it('is nothing after a counter was reset, and unknown without a second look', () => {
    expect(dropsBetween([nodeState('n3', { drops: drops(9) })], [nodeState('n3')], 'n3')?.invalid).toBe(0);
    expect(dropsBetween([nodeState('n3')], null, 'n3')).toBeNull();
    expect(dropsBetween([nodeState('n3')], [nodeState('n2')], 'n3')).toBeNull();
  });

  it('is told for each rule and policy', () =>
    expect(
      droppings([nodeState('n3', chain(17))], [nodeState('n3', chain(19))], { node: 'n3', hook: 'forward' }),
    ).toEqual([{ table: 'nft', where: 'iptables-nft', rule: ':FORWARD DROP', isPolicy: true, packets: 17, moved: 2 }]));

  it('has only chains at the hook that is asked about', () => {
    const nftables = [table('forward', 'counter drop'), table('input', 'tcp dport 22 counter drop')];
    const rules = droppings([nodeState('n3', { nftables })], null, { node: 'n3', hook: 'input' });
    expect(rules.map(({ rule, moved }) => [rule, moved])).toEqual([['tcp dport 22 counter drop', null]]);
  });
});

it('is lost still when it was lost before and once more', () =>
  expect(
    stillLost([connect(apiA, SILENT), connect(apiC, SILENT)], [connect(apiA, CONNECTED), connect(apiC, SILENT)]).map(
      ({ owner }) => owner.name,
    ),
  ).toEqual(['api-c']));

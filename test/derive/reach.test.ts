import { describe, expect, it } from 'vitest';
import { measuredReach, onlyPairsGetLost } from '../../src/derive/reach.ts';
import {
  ABSENT,
  API_VIP,
  answered,
  type Changes,
  dnsAnswer,
  NO_ANSWER,
  NXDOMAIN,
  searchAnswer,
  systemLookups,
  WEB_TO_API,
  world,
} from '../support/world.ts';

const name = (changes: Changes) => measuredReach(world(changes), WEB_TO_API).name;
const good = answered(API_VIP);
const slow = (ms: number) => ({ ...searchAnswer('api', good), tookMs: ms });
const control = dnsAnswer(answered('10.96.0.1'));
const allSlow = (ms: number) => {
  const some = systemLookups('api', [API_VIP], 2);
  return { ...some, lookups: some.lookups.map((one) => (one.outcome === 'found' ? { ...one, ms } : one)) };
};

describe('the name', () => {
  it.each<[string, string, Changes]>([
    ['works', 'it resolves', {}],
    [
      'works',
      'one packet is lost and the second try is answered',
      { nameLookup: dnsAnswer(NO_ANSWER), dnsRetries: [dnsAnswer(good)] },
    ],
    ['fails', 'both tries get no answer', { nameLookup: dnsAnswer(NO_ANSWER), dnsRetries: [dnsAnswer(NO_ANSWER)] }],
    [
      'works',
      'the search list lost a packet and the system finds the name',
      { searchLookup: searchAnswer('api', NO_ANSWER) },
    ],
    ['fails', 'the name as typed does not exist', { searchLookup: searchAnswer('api', NXDOMAIN) }],
    [
      'fails',
      'the system takes another address from its hosts file',
      { systemLookups: systemLookups('api', ['10.9.9.9']) },
    ],
    ['works', 'one lookup of six gets stuck', { systemLookups: systemLookups('api', [API_VIP], 1) }],
    ['partly', 'two of six get stuck', { systemLookups: systemLookups('api', [API_VIP], 2) }],
    ['works', 'two of six get stuck on a machine where all are slow', { systemLookups: allSlow(1500) }],
    ['works', 'all get stuck while dig is answered: too busy to say', { systemLookups: systemLookups('api', [], 6) }],
    [
      'partly',
      'it is slow twice, and a name of the cluster is not',
      { searchLookup: slow(1600), freshLookup: slow(1500), controlLookup: control },
    ],
    ['works', 'it is slow once', { searchLookup: slow(1600), freshLookup: slow(5), controlLookup: control }],
    [
      'works',
      'everything is slow',
      { searchLookup: slow(1600), freshLookup: slow(1500), controlLookup: { ...control, tookMs: 1200 } },
    ],
    ['works', 'image has no bash', { systemLookups: ABSENT }],
  ])('%s: %s', (result, _when, changes) => expect(name(changes)).toBe(result));
});

describe('whether only pairs of questions get lost', () => {
  const pairs = (lost: number, lostInTurn: number) =>
    onlyPairsGetLost([
      {
        server: '10.96.0.10',
        atOnce: { times: 30, both: 30 - lost, one: lost, none: 0 },
        inTurn: { times: 30, both: 30 - lostInTurn },
        command: 'dig',
      },
    ]);
  // Fisher's exact test by hand: 4 and 0 of 30 happen by chance 56 times in 1000, 3 and 0 119 times, 7 and 1 26 times.
  it.each([
    [4, 0, true],
    [3, 0, false],
    [7, 1, true],
    [6, 4, false],
    [0, 0, false],
    [0, 5, false],
    [30, 30, false],
    [30, 0, true],
  ])('%i of 30 at once and %i of 30 in turn: %s', (lost, inTurn, is) => expect(pairs(lost, inTurn)).toBe(is));
  it('nobody knows without pairs through the Service', () => {
    expect(onlyPairsGetLost(null)).toBe(false);
    expect(onlyPairsGetLost([])).toBe(false);
  });
});

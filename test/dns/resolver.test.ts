import { describe, expect, it } from 'vitest';
import { costOf, muslDiffers, queriesFor } from '../../src/dns/resolver.ts';

const POD = { search: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'], ndots: 5 };
const FEW = { search: ['corp.example', 'example.'], ndots: 2 };

describe('the names that a resolver asks for', () => {
  it.each([
    ['api', POD, ['api.shop.svc.cluster.local.', 'api.svc.cluster.local.', 'api.cluster.local.', 'api.']],
    [
      'www.example.com',
      POD,
      [
        'www.example.com.shop.svc.cluster.local.',
        'www.example.com.svc.cluster.local.',
        'www.example.com.cluster.local.',
        'www.example.com.',
      ],
    ],
    ['www.example.com.', POD, ['www.example.com.']],
    ['db', FEW, ['db.corp.example.', 'db.example.', 'db.']],
    ['api.shop', FEW, ['api.shop.corp.example.', 'api.shop.example.', 'api.shop.']],
    ['www.example.com', FEW, ['www.example.com.', 'www.example.com.corp.example.', 'www.example.com.example.']],
    ['api', { search: [], ndots: 5 }, ['api.']],
    ['api', { search: ['.'], ndots: 5 }, ['api.']],
    ['a.b', { search: ['x'], ndots: 0 }, ['a.b.', 'a.b.x.']],
  ])('of %s with %j', (typed, conf, names) => expect(queriesFor(typed, conf)).toEqual(names));

  it('musl leaves the search list out where glibc comes back to it', () => {
    expect(queriesFor('www.example.com', FEW, 'musl')).toEqual(['www.example.com.']);
    expect(queriesFor('api.shop', FEW, 'musl')).toEqual(queriesFor('api.shop', FEW, 'glibc'));
    expect(muslDiffers('www.example.com', FEW)).toBe(
      'an Alpine image asks only for www.example.com.: musl leaves out the search list for a name with 2 dots or more',
    );
    expect(muslDiffers('www.example.com', POD)).toBeNull();
  });

  it('takes no more than 15 dots for ndots', () =>
    expect(queriesFor(`${'a.'.repeat(15)}b`, { search: ['x'], ndots: 99 })[0]).toBe(`${'a.'.repeat(15)}b.`));
});

describe('the cost of a lookup', () => {
  const names = queriesFor('www.example.com', POD);
  it('counts A and AAAA of each name up to the answer', () =>
    expect(costOf(names, 'www.example.com.')).toEqual({ names: 4, queries: 8, wasted: 3 }));
  it('is one pair where the first name answers', () =>
    expect(costOf(queriesFor('api', POD), 'api.shop.svc.cluster.local.')).toEqual({ names: 1, queries: 2, wasted: 0 }));
  it('is the whole list where no name answers', () =>
    expect(costOf(names, null)).toEqual({ names: 4, queries: 8, wasted: 4 }));
});

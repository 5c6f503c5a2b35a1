import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearNames } from '../../src/derive/names.ts';

describe('the distance between two names', () => {
  it.each([
    ['api', 'api', 0],
    ['api', 'apii', 1],
    ['api', 'ap', 1],
    ['api', 'apo', 1],
    ['api', 'aip', 1],
    ['checkout', 'chekcout', 1],
    ['web', 'api', 3],
    ['', 'api', 3],
  ])('from %s to %s is %i', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

  it('is the same both ways, and 0 only for equal names', () => {
    const name = fc.stringMatching(/^[a-c-]{0,8}$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('near names', () => {
  it('come nearest first, then in the order of the alphabet', () => {
    expect(nearNames('payment', ['payments', 'pyment', 'shipping', 'paymentss'])).toEqual([
      'payments',
      'pyment',
      'paymentss',
    ]);
  });

  it('may be longer or shorter by a whole word', () => {
    expect(nearNames('api', ['api-gateway', 'cart'])).toEqual(['api-gateway']);
    expect(nearNames('checkout-service', ['checkout', 'cart'])).toEqual(['checkout']);
  });

  it('are not the name itself, nor one twice', () =>
    expect(nearNames('api', ['api', 'apis', 'apis'])).toEqual(['apis']));

  it('are none when nothing comes near', () => expect(nearNames('api', ['billing', 'cart'])).toEqual([]));

  it('are three at most', () => {
    expect(nearNames('web', ['web1', 'web2', 'web3', 'web4'])).toEqual(['web1', 'web2', 'web3']);
  });
});

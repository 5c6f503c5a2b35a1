import { describe, expect, it } from 'vitest';
import { labelMisses, selectorText, selects } from '../../src/netpol/selector.ts';

const web = { app: 'web', tier: 'front' };
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

describe('a label selector', () => {
  it.each([
    ['empty', {}, true],
    ['a label that is there', { matchLabels: { app: 'web' } }, true],
    ['a label with another value', { matchLabels: { app: 'api' } }, false],
    ['a label that is absent', { matchLabels: { role: 'web' } }, false],
    ['two labels, both there', { matchLabels: { app: 'web', tier: 'front' } }, true],
    ['two labels, one there', { matchLabels: { app: 'web', tier: 'back' } }, false],
    ['In', expression('app', 'In', 'api', 'web'), true],
    ['In without the value', expression('app', 'In', 'api'), false],
    ['In without the key', expression('role', 'In', 'web'), false],
    ['NotIn', expression('app', 'NotIn', 'api'), true],
    ['NotIn with the value', expression('app', 'NotIn', 'web'), false],
    ['NotIn without the key', expression('role', 'NotIn', 'web'), true],
    ['Exists', expression('tier', 'Exists'), true],
    ['Exists without the key', expression('role', 'Exists'), false],
    ['DoesNotExist', expression('role', 'DoesNotExist'), true],
    ['DoesNotExist with the key', expression('tier', 'DoesNotExist'), false],
    ['an operator that Kubernetes does not know', expression('app', 'Gt', '1'), false],
    ['labels and expressions together', { matchLabels: { app: 'web' }, ...expression('tier', 'Exists') }, true],
    ['labels fine, expression not', { matchLabels: { app: 'web' }, ...expression('role', 'Exists') }, false],
  ])('%s', (_when, selector, matches) => expect(selects(selector, web)).toBe(matches));

  it('names what it needs and what is there', () => {
    const selector = { matchLabels: { app: 'api', role: 'x' }, ...expression('tier', 'NotIn', 'front', 'edge') };
    expect(labelMisses(selector, web)).toEqual([
      { key: 'app', needs: 'app=api', has: 'web' },
      { key: 'role', needs: 'role=x', has: null },
      { key: 'tier', needs: 'tier notin (front, edge)', has: 'front' },
    ]);
  });

  it('is written as kubectl -l takes it', () => {
    expect(selectorText(web)).toBe('app=web,tier=front');
    expect(selectorText({})).toBe('');
  });

  it('does not take what every object inherits for a label', () => {
    expect(selects({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, web)).toBe(false);
  });
});

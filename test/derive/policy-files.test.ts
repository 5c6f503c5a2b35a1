import { describe, expect, it } from 'vitest';
import { readPolicyFile, withProposed } from '../../src/derive/policy-files.ts';
import { policy } from '../support/world.ts';

const named = (name: string, namespace?: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}${namespace === undefined ? '' : `, namespace: ${namespace}`}}\nspec: {podSelector: {}}\n`;

describe('policies in a file', () => {
  it('are read from several documents, with the namespace of the run where they name none', () => {
    const { policies, problems } = readPolicyFile(`${named('a')}---\n${named('b', 'front')}---\n`, 'new.yaml', 'shop');
    expect(policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(['shop/a', 'front/b']);
    expect(problems).toEqual([]);
  });

  it('may be a List, and JSON', () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [policy('a', { podSelector: {} })] };
    const items = list.items.map((item) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', ...item }));
    expect(readPolicyFile(JSON.stringify({ ...list, items }), 'x.json', 'shop').policies).toHaveLength(1);
  });

  it('of other APIs are kept apart', () => {
    const text = 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c}\nspec: {}\n';
    expect(readPolicyFile(text, 'c.yaml', 'shop').others).toMatchObject([{ kind: 'CiliumNetworkPolicy' }]);
  });

  it.each([
    ['kind: [', 'new.yaml is not YAML: '],
    ['just words', 'new.yaml has a document without apiVersion, kind or metadata.name.'],
    ['apiVersion: v1\nkind: Service\nmetadata: {name: api}', 'new.yaml: Service api is no policy; it is left out.'],
    [
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}',
      'new.yaml: NetworkPolicy a has no spec.',
    ],
  ])('%j is told in a sentence', (text, sentence) => {
    const { policies, problems } = readPolicyFile(text, 'new.yaml', 'shop');
    expect(policies).toEqual([]);
    expect(problems).toEqual([expect.stringContaining(sentence)]);
  });
});

it('a policy from a file takes the place of the one that was read', () => {
  const old = policy('a', { podSelector: { matchLabels: { app: 'old' } } });
  const { policies } = readPolicyFile(named('a'), 'new.yaml', 'shop');
  expect(withProposed([old], policies)).toEqual([policy('a', { podSelector: {} })]);
});

it('kinds of a namespace get that of the run, kinds of the cluster none', () => {
  const text = ['cilium.io/v2 CiliumNetworkPolicy', 'cilium.io/v2 CiliumClusterwideNetworkPolicy']
    .map((line) => line.split(' '))
    .map(([api, kind]) => `apiVersion: ${api}\nkind: ${kind}\nmetadata: {name: c}\nspec: {}\n`)
    .join('---\n');
  expect(readPolicyFile(text, 'c.yaml', 'shop').others.map(({ metadata }) => metadata.namespace)).toEqual([
    'shop',
    undefined,
  ]);
});

it('a proposed policy takes the place of the one of its name, and of no other', () => {
  const [old, other, elsewhere] = [policy('a', {}), policy('b', {}), policy('a', {}, 'front')];
  const proposed = policy('a', { podSelector: {} });
  expect(withProposed([old, other, elsewhere], [proposed])).toEqual([other, elsewhere, proposed]);
});

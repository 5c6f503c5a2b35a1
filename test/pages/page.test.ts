import { describe, expect, it } from 'vitest';
import { pagesOf } from '../../src/pages/page.ts';

const PAGE = `# Nobody is at home

## What it is

The house is empty.

Typical messages: \`no answer\`, \`door
closed\`.

## Fix

\`not a message\`
`;

describe('pages', () => {
  it('have a title, a rung by their folder, and the messages of one paragraph', () => {
    expect(pagesOf({ 'nobody-home': PAGE }, { 'nobody-home': 'endpoints' })).toEqual([
      {
        id: 'nobody-home',
        rung: 'E',
        title: 'Nobody is at home',
        messages: ['no answer', 'door closed'],
        markdown: PAGE,
      },
    ]);
  });

  it('stand in the order of the ladder, then by id; those of no rung are last', () => {
    const folders = { z: '.', policy: 'policy', b: 'dns', a: 'dns', path: 'path' };
    const texts = Object.fromEntries(Object.keys(folders).map((id) => [id, '# Title']));
    expect(pagesOf(texts, folders).map(({ id, rung }) => [id, rung])).toEqual([
      ['a', 'D'],
      ['b', 'D'],
      ['path', 'P'],
      ['policy', 'N'],
      ['z', null],
    ]);
  });

  it('need no messages', () => expect(pagesOf({ a: '# Title' }, {})[0]?.messages).toEqual([]));
});

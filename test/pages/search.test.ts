import { describe, expect, it } from 'vitest';
import { pagesOf } from '../../src/pages/page.ts';
import { clearHit, searchPages } from '../../src/pages/search.ts';

function markdown(title: string, sections: Readonly<Record<string, string>>): string {
  return `# ${title}\n\n${Object.entries(sections)
    .map(([heading, text]) => `## ${heading}\n\n${text}\n`)
    .join('\n')}`;
}

const PAGES = pagesOf(
  {
    'name-missing': markdown('The name does not exist', {
      'What it is': 'Nobody has that name.\n\nTypical messages: `no such host`, `NXDOMAIN`.',
      'Look-alikes': '- `server-down`: the server is silent; it crashed.',
    }),
    'server-down': markdown('The server is down', {
      'What it is':
        'The program crashed\nat the start. Nothing answers.\n\nTypical messages: `connection refused`, `NXDOMAIN`.',
      Fix: '```sh\nkubectl get pods   # look for restarts\n```',
      Sources: '- https://example.org/telepathy',
    }),
    'loop-only': markdown('The server listens on loopback only', {
      'What it is': 'Only localhost gets an answer.\n\nTypical messages: `connection refused`.',
    }),
  },
  { 'name-missing': 'dns', 'server-down': 'endpoints', 'loop-only': 'path' },
);

const found = (query: string) => searchPages(PAGES, query).map(({ page, line }) => [page.id, line]);

describe('a search', () => {
  it('finds a message whatever its case, and the more typical one first', () =>
    expect(found('nxdomain')).toEqual([
      ['name-missing', 'NXDOMAIN'],
      ['server-down', 'NXDOMAIN'],
    ]));

  it('finds the message in a pasted line of a log', () =>
    expect(found('Get "http://api/": dial tcp: lookup api on 10.96.0.10:53: no such host')).toEqual([
      ['name-missing', 'no such host'],
    ]));

  it('finds a message by a piece of it', () => expect(found('such host')).toEqual([['name-missing', 'no such host']]));

  it('finds words of the text, with the sentence they are in, across a line break', () =>
    expect(found('crashed start')).toEqual([['server-down', 'The program crashed at the start.']]));

  it('finds words in a code block', () =>
    expect(found('restarts')).toEqual([['server-down', 'kubectl get pods   # look for restarts']]));

  it('tells more by the page itself than by what others say of it', () =>
    expect(found('crashed')).toEqual([
      ['server-down', 'The program crashed at the start.'],
      ['name-missing', 'server-down: the server is silent; it crashed.'],
    ]));

  it('finds an id by a part of it', () => expect(found('loop-only')[0]).toEqual(['loop-only', 'loop-only']));

  it('takes a word for the beginning of a word', () => {
    expect(found('loop').map(([id]) => id)).toEqual(['loop-only']);
    expect(found('calhost')).toEqual([]);
  });

  it('is content with half of the words when no page has all', () =>
    expect(found('program crashed yesterday')).toEqual([['server-down', 'The program crashed at the start.']]));

  it.each(['telepathy', 'telepathic kindness', 'the is a', '', '(?', '"'])('finds nothing for %j', (query) =>
    expect(found(query)).toEqual([]),
  );
});

describe('a clear hit', () => {
  const clear = (query: string) => clearHit(searchPages(PAGES, query))?.page.id ?? null;

  it('is the only one', () => expect(clear('no such host')).toBe('name-missing'));
  it('is one that fits more than twice as well', () => expect(clear('crashed')).toBe('server-down'));
  it('is not one of two that fit alike', () => expect(clear('connection refused')).toBeNull());
  it('is not there without hits', () => expect(clearHit([])).toBeNull());
});

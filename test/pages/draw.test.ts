import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawPage } from '../../src/pages/draw.ts';

const rules = join(import.meta.dirname, '../../src/rules');
const pages = readdirSync(rules, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));

const PAGE = `# The Service selects no Pod

It finds Pods by **all** labels of \`spec.selector\`,
see [labels](https://k8s.example/labels) and https://k8s.example/services.

- a first item that is longer than a line of forty columns
- \`a && <b>\`

1. one
2. two

## Fix

\`\`\`sh
kubectl -n shop get service api -o jsonpath='{.spec.selector}'

kubectl get pods
\`\`\`
`;

describe('a page', () => {
  it('is wrapped, its code and addresses are not', () =>
    expect(drawPage(PAGE, { width: 40, color: false })).toBe(`The Service selects no Pod

It finds Pods by all labels of
\`spec.selector\`, see labels
(https://k8s.example/labels) and
https://k8s.example/services.

- a first item that is longer than a
  line of forty columns
- \`a && <b>\`

1. one
2. two

Fix

    kubectl -n shop get service api -o jsonpath='{.spec.selector}'

    kubectl get pods`));

  it('has bold headings and coloured code in colours, which have no width', () =>
    expect(drawPage('# Title\n\nOne `two` **three** four five.', { width: 17, color: true })).toBe(
      '\u001b[1mTitle\u001b[22m\n\nOne \u001b[36mtwo\u001b[39m \u001b[1mthree\u001b[22m\nfour five.',
    ));

  it.each(['| a |\n|---|\n| b |', '> said', '<b>bold</b>', '![a](b.png)', '*slanted*'])(
    'does not lose what cannot be drawn: %j',
    (markdown) => expect(() => drawPage(markdown, { width: 80, color: false })).toThrow('cannot draw'),
  );
});

describe('every page', () => {
  it.each(pages)('%s is drawn with every word, in 80 columns but for code and addresses', (path) => {
    const markdown = readFileSync(join(rules, path), 'utf8');
    const drawn = drawPage(markdown, { width: 80, color: false });
    expect(wordsOf(drawn)).toEqual(wordsOf(markdown.replaceAll(/^```\w*$/gm, '')));
    const tooLong = drawn.split('\n').filter((line) => line.length > 80 && !/^ {4}|https:/.test(line));
    expect(tooLong).toEqual([]);
  });
});

/** What a reader reads: without the signs of Markdown. */
function wordsOf(text: string): readonly string[] {
  return text
    .replaceAll(/[*`#]/g, '')
    .split(/\s+/)
    .filter((word) => word !== '');
}

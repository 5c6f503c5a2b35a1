import { expect, it } from 'vitest';
import { unlessOf } from '../../src/ui/unless.ts';

it('gives the items of the section, each on one line, without marks', () =>
  expect(
    unlessOf(
      '# Title\n\n## When this is wrong\n\n- The label `app`\n  is right.\n- Something else.\n\n## Sources\n\n- https://x\n',
    ),
  ).toEqual(['The label app is right.', 'Something else.']));

it('gives none where the page has no such section', () => expect(unlessOf('# Title\n\n- an item\n')).toEqual([]));

it('reads the section at the end of a page', () =>
  expect(unlessOf('## When this is wrong\n\n- Only this.\n')).toEqual(['Only this.']));

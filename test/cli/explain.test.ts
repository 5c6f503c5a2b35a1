import { pageFolders, rulePages } from 'virtual:rule-pages';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/args.ts';
import { type ExplainView, explain, explainText } from '../../src/cli/explain.ts';
import { pagesOf } from '../../src/pages/page.ts';
import { RULES } from '../../src/rules/index.ts';

const PAGES = pagesOf(rulePages, pageFolders);
const DRAWN: ExplainView = { width: 80, color: false, source: false };
const words = (text: string) => (text === '' ? [] : text.split(' '));
const say = (text: string, view = DRAWN) => explainText(PAGES, words(text), view);

function complaint(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  throw new Error('nothing was wrong');
}

describe('explain', () => {
  it('lists every rule below its rung, and unexplained', () => {
    const lines = say('').split('\n');
    for (const { id } of RULES) expect(lines.filter((line) => line.startsWith(`   ${id} `))).toHaveLength(1);
    expect(lines).toContain('   selector-mismatch                The Service selects no Pod');
    expect(lines.filter((line) => /^\S/.test(line)).slice(0, 5)).toEqual([
      'D  DNS',
      'E  Endpoints',
      'P  Path',
      'N  Policy',
      'Beside the ladder',
    ]);
    expect(lines).toContain('   unexplained                      The flow fails and no known cause fits');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('draws the page of an id, with its rung', () =>
    expect(say('selector-mismatch').split('\n').slice(0, 4)).toEqual([
      'The Service selects no Pod',
      'selector-mismatch · E Endpoints',
      '',
      'What it is',
    ]));

  it('explains unexplained', () =>
    expect(say('unexplained')).toContain('with all that was seen, and does\nnot guess.'));

  it('gives the Markdown where nothing is drawn', () => {
    expect(say('selector-mismatch', { ...DRAWN, source: true })).toBe(rulePages['selector-mismatch']);
    expect(explain('selector-mismatch')).toBe(rulePages['selector-mismatch']);
  });

  it.each([
    ['connection refused', ['backend-scaled-to-zero', 'selector-mismatch', 'targetport-wrong', 'app-loopback-only']],
    ['i/o timeout', ['underlay-blocked', 'netpol-default-deny-ingress', 'netpol-default-deny-egress']],
    ['no such host', ['dns-name-not-found', 'dns-wrong-namespace']],
    ['NXDOMAIN', ['dns-name-not-found', 'dns-wrong-namespace']],
    ['lookup api on 10.96.0.10:53: no such host', ['dns-name-not-found', 'dns-wrong-namespace']],
  ])('finds pages by what programs say: %s', (message, ids) => {
    const text = say(message);
    expect(text).toContain(`Pages about "${message}", the best first:`);
    for (const id of ids) expect(text).toContain(id);
  });

  it('finds pages by what somebody sees: pods not ready', () =>
    expect(say('pods not ready')).toContain('readiness-failing'));

  it('shows the page at once when one stands out', () =>
    expect(say('works with port-forward only')).toContain('app-loopback-only · P Path'));

  it('takes no other page for one that is not there yet', () => {
    const text = say('egress-filtered');
    expect(text).toContain('No page is called egress-filtered; these speak of it:');
    expect(text).toContain('masquerade-wrong');
  });

  it('names the id that was meant', () => {
    const { message, tryThis } = complaint(() => say('selector-mismach'));
    expect(message).toBe('There is no finding selector-mismach; the closest is selector-mismatch.');
    expect(tryThis).toEqual(['kubectl netdebug explain selector-mismatch']);
  });

  it('says that it found nothing', () =>
    expect(complaint(() => say('telepathy')).message).toBe('No page has anything about "telepathy".'));

  it('keeps lines of a list within the terminal', () => {
    const lines = say('address of the backend', { ...DRAWN, width: 60 }).split('\n');
    const quoted = lines.filter((line) => line.startsWith('     '));
    expect(quoted.length).toBeGreaterThan(1);
    expect(Math.max(...quoted.map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

import { expect, it } from 'vitest';
import { canUnfold, verdictLines } from '../../src/ui/verdict-lines.ts';
import { WAY } from '../support/way.ts';
import { faulty, healthy, patched, theme } from './fixture.ts';

const draw = (report: typeof faulty, more: Partial<Parameters<typeof verdictLines>[1]> = {}): readonly string[] =>
  verdictLines(report, { theme, columns: 79, ...more }).map((spans) => spans.map(({ text }) => text).join(''));

it('shows what the fix changes below the command that does it, which has to be on the screen', () => {
  const rows = draw(patched);
  const at = rows.indexOf(' Fix    Put app=web into rule 1');
  expect(rows.slice(at + 1, at + 4)).toEqual([
    '        kubectl -n shop patch networkpolicy api-clients',
    '        -          app: webb',
    '        +          app: web',
  ]);
});

it('unfolds the lines around the change, and every door it opens', () => {
  const rows = draw(patched, { isUnfolded: true });
  const at = rows.indexOf(' Fix    Put app=web into rule 1');
  expect(rows.slice(at + 1, at + 7)).toEqual([
    '        kubectl -n shop patch networkpolicy api-clients',
    '             - podSelector:',
    '        -          app: webb',
    '        +          app: web',
    '        Opens besides this flow:',
    '        shop/web-canary → shop/api-a TCP 8080',
  ]);
});

it('shows the beginning of a long change, and says how to see the rest', () => {
  const [finding] = patched.findings;
  if (finding === undefined) throw new Error('the fixture has a finding');
  const diff = Array.from({ length: 9 }, (_, row) => `+ line ${row}`).join('\n');
  const rows = draw({ ...patched, findings: [{ ...finding, fix: [{ say: 'Add it', diff }] }] });
  expect(rows).toContain('        + line 5');
  expect(rows).not.toContain('        + line 6');
  expect(rows).toContain('        (3 more lines change: v shows all)');
});

it('has something to unfold only where a fix changes an object', () => {
  expect([canUnfold(patched), canUnfold(faulty), canUnfold(healthy)]).toEqual([true, false, false]);
});

it('moves nothing when the doubts come late', () => {
  const early = draw(faulty);
  const late = draw(faulty, { unless: ['kubectl get endpoints shows addresses'] });
  expect(late.slice(0, early.length)).toEqual(early);
  expect(late.slice(early.length)).toEqual(['', ' Doubt  kubectl get endpoints shows addresses']);
});

it('puts the fix of a near miss on the first screen, right below what needs what', () => {
  const [finding] = patched.findings;
  if (finding === undefined) throw new Error('the fixture has a finding');
  const compare = {
    title: 'NetworkPolicy shop/api-clients, rule 1 (ingress)',
    rows: [{ what: 'from', needs: 'Pod app=webb', has: 'app=web', ok: false }],
  };
  const labels = draw({ ...patched, findings: [{ ...finding, compare }] })
    .map((row) => /^ ([A-Z][a-z]+) /.exec(row)?.[1])
    .filter((label) => label !== undefined);
  expect(labels.slice(0, 3)).toEqual(['Near', 'Fix', 'Seen']);
});

it('draws the way device by device below the ladder, and marks where it breaks', () => {
  const rows = draw({ ...faulty, way: WAY }).map((row) => row.trimEnd());
  const at = rows.indexOf(' The way to api-c 10.244.3.11:8080, device by device');
  expect(rows.slice(at + 1, at + 7)).toEqual([
    '   Pod web        eth0     10.244.2.10, MTU 1450',
    '   node n2        veth2f0  port of cni0',
    ' ✘ between nodes           10.90.0.12 to 10.90.0.13 ← here',
    '   Pod api-c               10.244.3.11',
    ' ? The devices of node n3 are not known: they were not looked at. To see them:',
    '   --access node.',
  ]);
});

it('says after another check whether the cause is still the same', () => {
  const [cause, ...rest] = faulty.findings;
  if (cause === undefined) throw new Error('the fixture has a finding');
  const other = { ...faulty, findings: [{ ...cause, id: 'backend-scaled-to-zero' as const }, ...rest] };
  expect(draw(faulty, { before: faulty })).toContain('   Since the check before no rung has changed.');
  expect(draw(faulty, { before: other })).toContain(
    '   Since the check before the cause has changed: it was backend-scaled-to-zero.',
  );
});

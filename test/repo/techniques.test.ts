/** docs/techniques.md names evidence, probes and findings: each of them exists, in the column where it stands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { API_COLLECTORS } from '../../src/collect/api.ts';
import { PROBE_PLANS } from '../../src/collect/probes.ts';
import { RULES } from '../../src/rules/index.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rows = read('docs/techniques.md')
  .split('\n')
  .filter((line) => /^\| (?!technique )/.test(line))
  .map((line) => line.split(' |').map((cell) => cell.replace(/^\| ?/, '').trim()))
  .map((cells) => ({
    technique: cells[0] ?? '',
    how: cells[1] ?? '',
    evidence: named(cells[2]),
    probes: cells[3]?.trim() === 'API' ? [] : named(cells[3]),
    findings: named(cells[4]),
  }));

function named(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

const KINDS = new Set([...Object.keys(API_COLLECTORS), ...Object.keys(PROBE_PLANS)]);
const TOOLS = new Set([...read('src/probes/probe.ts').matchAll(/readonly tool: '([a-z-]+)'/g)].map(([, tool]) => tool));
const IDS = new Set<string>(RULES.map(({ id }) => id));
const evidenceOf = new Map<string, ReadonlySet<string>>(
  RULES.map(({ id, needs, uses }) => [id, new Set([...needs, ...uses])]),
);

it('there is a row for each technique', () => expect(rows.length).toBeGreaterThan(50));

describe.each(rows)('$technique', ({ how, evidence, probes, findings }) => {
  it('is done, or it is said why it is not', () => expect(how).toMatch(/\S/));

  it('names evidence, probes and findings that exist', () => {
    expect(evidence.filter((kind) => !KINDS.has(kind))).toEqual([]);
    expect(probes.filter((tool) => !TOOLS.has(tool))).toEqual([]);
    expect(findings.filter((id) => !IDS.has(id))).toEqual([]);
  });

  it('names findings whose rules read that evidence', () =>
    expect(findings.filter((id) => !evidence.some((kind) => evidenceOf.get(id)?.has(kind)))).toEqual([]));

  it('is marked where it leads to no finding', () => {
    if (findings.length === 0)
      expect(how).toMatch(/^\*not yet\*$|not the same|never taken|ephemeral container|^drawn in the report/);
  });
});

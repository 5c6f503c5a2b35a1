import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadRunFile, readRunFile } from '../../src/recording/run-file.ts';

const HEADER = {
  type: 'run',
  schemaVersion: 1,
  tool: { version: '0.1.0' },
  startedAt: '2026-03-02T10:00:00.000Z',
  redacted: false,
  request: {
    source: 'web',
    destination: 'api',
    command: 'kubectl netdebug web api',
    image: 'nicolaka/netshoot:v0.16',
    imagePullPolicy: 'IfNotPresent',
    profile: 'auto',
  },
};
const RESOLVED = {
  type: 'resolved',
  atMs: 12,
  flow: {
    source: { namespace: 'shop', name: 'web' },
    destination: { kind: 'Service', namespace: 'shop', name: 'api' },
    typed: 'api',
    dnsName: 'api',
    byAddress: false,
    port: null,
    protocol: null,
    scheme: null,
    notes: [],
  },
  cluster: { context: 'lab', serverTimeMs: 1_772_445_600_000 },
  evidence: {},
};
const GRANTED = { type: 'access-granted', atMs: 14, access: 'api' };
const LOST = { type: 'probes-lost', atMs: 90, ids: ['name'], gap: { reason: 'timed-out', detail: 'no answer' } };
const REPORT = { schemaVersion: 1, verdict: 'healthy', rungs: {}, findings: [] };

const file = (...lines: readonly unknown[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
const read = (text: string) => readRunFile(text, 'run.ndjson');
const refusal = (text: string): BadRunFile => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof BadRunFile) return error;
    throw error;
  }
  throw new Error('it was read');
};

describe('a run file', () => {
  it('gives its header, its events in order, and the report of then', () => {
    const run = read(file(HEADER, RESOLVED, GRANTED, LOST, REPORT));
    expect(run.header).toEqual(HEADER);
    expect(run.events).toEqual([RESOLVED, GRANTED, LOST]);
    expect(run.report).toEqual(REPORT);
  });

  it('that was cut off anywhere gives what was whole', () => {
    const whole = file(HEADER, RESOLVED, GRANTED, LOST, REPORT);
    const first = JSON.stringify(HEADER).length + 1;
    const ends = [...whole.matchAll(/\n/g)].map(({ index }) => index + 1);
    fc.assert(
      fc.property(fc.integer({ min: first, max: whole.length }), (cut) => {
        const complete = ends.filter((end) => end <= cut).length;
        const run = read(whole.slice(0, cut));
        expect(run.events).toHaveLength(Math.min(3, complete - 1));
        expect(run.report === null).toBe(complete < 5);
      }),
    );
  });

  it('may hold lines of a type that only a newer tool knows', () =>
    expect(read(file(HEADER, RESOLVED, { type: 'satellite-seen', atMs: 20 }, GRANTED)).events).toHaveLength(2));

  it.each([
    ['', 'run.ndjson is empty.'],
    ['{"type":"run"', 'run.ndjson is no run file: it has no complete first line.'],
    ['apiVersion: v1\n', 'run.ndjson is no run file: its first line is not JSON.'],
    [
      file(REPORT),
      'run.ndjson is no run file: it is a report of -o json; that cannot be played, only what --record or -o ndjson wrote.',
    ],
    [file(RESOLVED), 'run.ndjson is no run file: its first line does not begin a run.'],
    [file('null'), 'run.ndjson is no run file: its first line does not begin a run.'],
    [
      file({ ...HEADER, schemaVersion: 2, tool: { version: '3.1.0' }, request: 'new' }),
      'run.ndjson was written by kubectl-netdebug 3.1.0 in run file format 2; this version reads formats up to 1.',
    ],
    [file({ ...HEADER, startedAt: 7 }), 'run.ndjson is damaged: line 1 run at startedAt is not what it should be.'],
    [file(HEADER, '{"type":"resol'), 'run.ndjson is damaged: line 2 is not JSON.'],
    [
      file(HEADER, RESOLVED, '{"type":"access-gran\u0000ted"'),
      'run.ndjson is damaged: line 3 is not JSON. The lines before it can be played.',
    ],
    [
      file(HEADER, RESOLVED, GRANTED, { ...LOST, gap: { reason: 'tired', detail: '' } }),
      'run.ndjson is damaged: line 4 probes-lost at gap.reason is not what it should be. The lines before it can be played.',
    ],
    [file(HEADER, RESOLVED, '17'), 'run.ndjson is damaged: line 3 has no type. The lines before it can be played.'],
  ])('that is none, or damaged, is told in one sentence: %#', (text, message) =>
    expect(refusal(text).message).toBe(message),
  );

  it('says how to keep what comes before the damage', () =>
    expect(refusal(file(HEADER, RESOLVED, '{')).tryThis).toEqual(['head -n 2 run.ndjson > up-to-there.ndjson']));
});

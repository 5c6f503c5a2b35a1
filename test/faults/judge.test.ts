import { describe, expect, test } from 'vitest';
import type { Expected, Finding } from './judge.ts';
import { judgeBroken, judgeHealthy } from './judge.ts';

const api = { kind: 'Service', namespace: 'shop', name: 'api' };
const mismatch: Finding = { id: 'selector-mismatch', role: 'cause', confidence: 'proven', subject: api };
const note: Finding = { id: 'readiness-failing', role: 'note', confidence: 'likely', subject: api };
const said = (exitCode: number, verdict: string, findings: Finding[]) => ({
  exitCode,
  stderr: '',
  stdout: JSON.stringify({ schemaVersion: 1, verdict, findings }),
});
const expected = [{ id: 'selector-mismatch', role: 'cause' as const, subject: api }];

describe('a broken flow', () => {
  const problem = (exitCode: number, verdict: string, findings: Finding[]) =>
    judgeBroken(said(exitCode, verdict, findings), expected).problem;

  test('passes with the right cause first and notes behind it', () => {
    expect(judgeBroken(said(1, 'fault', [mismatch, note]), expected)).toEqual({
      named: 'selector-mismatch',
      confidence: 'proven',
      problem: '',
    });
  });
  test.each([
    ['another id', 1, 'fault', [{ ...mismatch, id: 'readiness-failing' }], /names readiness-failing/],
    ['a note before the cause', 1, 'fault', [note, mismatch], /names readiness-failing/],
    ['nothing', 1, 'fault', [], /names nothing/],
    ['another object', 1, 'fault', [{ ...mismatch, subject: { ...api, name: 'apis' } }], /on Service shop\/apis/],
    [
      'another namespace',
      1,
      'fault',
      [{ ...mismatch, subject: { ...api, namespace: 'front' } }],
      /on Service front\/api/,
    ],
    ['a guess', 1, 'fault', [{ ...mismatch, confidence: 'possible' as const }], /only possible/],
    ['a risk', 1, 'fault', [{ ...mismatch, role: 'risk' as const }], /called risk/],
    ['a second cause', 1, 'fault', [mismatch, { ...note, role: 'cause' as const }], /also blames readiness-failing/],
    ['exit 0', 0, 'fault', [mismatch], /exit 0/],
    ['a healthy verdict', 0, 'healthy', [mismatch], /verdict healthy/],
  ])('fails on %s', (_, exitCode, verdict, findings, words) => {
    expect(problem(exitCode, verdict, findings)).toMatch(words);
  });
  test('looks for the words that its sentence must hold', () => {
    const judge = (summary: string) =>
      judgeBroken(said(1, 'fault', [{ ...mismatch, summary }]), [{ ...(expected[0] as Expected), says: 'app=apis' }])
        .problem;
    expect(judge('Service api selects app=apis.')).toBe('');
    expect(judge('Service api selects nothing.')).toMatch(/says "Service api selects nothing\.", without "app=apis"/);
  });
  test('fails on output that is no report', () => {
    expect(judgeBroken({ exitCode: 4, stdout: '', stderr: 'no cluster' }, expected).problem).toMatch(
      /no JSON.*no cluster/,
    );
    expect(judgeBroken({ exitCode: 1, stdout: '{}', stderr: '' }, expected).problem).toMatch(/schemaVersion/);
  });
});

test('the order of several findings counts', () => {
  const policy = { kind: 'NetworkPolicy', namespace: 'shop', name: 'web-only-api' };
  const dns: Finding = { id: 'netpol-egress-dns-missing', role: 'cause', confidence: 'proven', subject: policy };
  const next: Finding = { ...mismatch, role: 'next-blocker' };
  const both = [
    { id: dns.id, role: 'cause' as const, subject: policy },
    { id: next.id, role: 'next-blocker' as const, subject: api },
  ];
  expect(judgeBroken(said(1, 'fault', [dns, next]), both).problem).toBe('');
  expect(judgeBroken(said(1, 'fault', [next, dns]), both).problem).toMatch(/at rank 1/);
  expect(judgeBroken(said(1, 'fault', [dns]), both).problem).toMatch(
    /names nothing instead of selector-mismatch at rank 2/,
  );
});

describe('a healthy flow', () => {
  test('may carry notes and risks', () => {
    expect(judgeHealthy(said(0, 'healthy', [note, { ...note, role: 'risk' }])).problem).toBe('');
  });
  test.each([
    ['a cause', 0, 'healthy', [mismatch], /blames selector-mismatch/],
    ['doubt', 3, 'inconclusive', [], /verdict inconclusive/],
    ['a wrong exit code', 1, 'healthy', [], /exit 1/],
  ])('fails on %s', (_, exitCode, verdict, findings, words) => {
    expect(judgeHealthy(said(exitCode, verdict, findings)).problem).toMatch(words);
  });
});

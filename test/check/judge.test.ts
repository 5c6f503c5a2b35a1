import { describe, expect, it } from 'vitest';
import { judgeFlow } from '../../src/check/judge.ts';
import type { Report, ReportFinding } from '../../src/report/report.ts';
import { faulty, finding, healthy, inconclusive } from './reports.ts';

const judge = (expected: 'reachable' | 'unreachable', because: readonly string[], report: Report) =>
  judgeFlow({ expect: expected, because }, report);

describe('a flow that works', () => {
  it('is as expected where it is to be reachable', () =>
    expect(judge('reachable', [], healthy)).toEqual({ outcome: 'ok', because: [], says: 'reachable' }));

  it('is not where it is to be unreachable', () =>
    expect(judge('unreachable', [], healthy)).toEqual({
      outcome: 'mismatch',
      because: [],
      says: 'expected unreachable: web reaches svc/api:80',
    }));

  it('names the reason that was expected', () =>
    expect(judge('unreachable', ['app-hung', 'node-down'], healthy).says).toBe(
      'expected unreachable because of app-hung and node-down: web reaches svc/api:80',
    ));

  it('is reachable with a risk', () =>
    expect(judge('reachable', [], { ...healthy, findings: [finding('node-down', 'risk')] }).outcome).toBe('ok'));
});

describe('a flow that does not work', () => {
  const denied = faulty(finding('netpol-default-deny-ingress', 'cause'));

  it('is not as expected where it is to be reachable, and says why it fails', () =>
    expect(judge('reachable', [], denied)).toEqual({
      outcome: 'mismatch',
      because: ['netpol-default-deny-ingress'],
      says: 'expected reachable: netpol-default-deny-ingress: This is netpol-default-deny-ingress.',
    }));

  it('is as expected where it is to be unreachable for any reason', () =>
    expect(judge('unreachable', [], denied)).toEqual({
      outcome: 'ok',
      because: ['netpol-default-deny-ingress'],
      says: 'unreachable: netpol-default-deny-ingress',
    }));

  it('is as expected for the reason named', () =>
    expect(judge('unreachable', ['netpol-default-deny-ingress'], denied).outcome).toBe('ok'));

  it('is not for another reason', () =>
    expect(judge('unreachable', ['app-hung'], denied)).toMatchObject({
      outcome: 'mismatch',
      says: 'expected unreachable because of app-hung, but found netpol-default-deny-ingress: This is netpol-default-deny-ingress.',
    }));

  const both: readonly ReportFinding[] = [
    finding('backend-scaled-to-zero', 'cause'),
    finding('netpol-default-deny-ingress', 'next-blocker'),
    finding('readiness-failing', 'consequence'),
  ];

  it('may be stopped by more than was named, in whatever order', () =>
    expect(judge('unreachable', ['netpol-default-deny-ingress'], faulty(...both))).toEqual({
      outcome: 'ok',
      because: ['backend-scaled-to-zero', 'netpol-default-deny-ingress'],
      says: 'unreachable: backend-scaled-to-zero, netpol-default-deny-ingress',
    }));

  it('must be stopped by all that were named', () =>
    expect(
      judge('unreachable', ['netpol-default-deny-ingress', 'netpol-default-deny-egress'], faulty(...both)).outcome,
    ).toBe('mismatch'));

  it('is not stopped by what only follows', () =>
    expect(judge('unreachable', ['readiness-failing'], faulty(...both)).outcome).toBe('mismatch'));
});

describe('a destination that is not there', () => {
  const gone = faulty(finding('dns-name-not-found', 'cause'));

  it('is no proof that something is closed', () =>
    expect(judge('unreachable', [], gone)).toMatchObject({
      outcome: 'mismatch',
      says: 'unreachable only because it is not there: dns-name-not-found: This is dns-name-not-found. If that is meant, write because: dns-name-not-found',
    }));

  it('is as expected where just that is expected', () =>
    expect(judge('unreachable', ['dns-name-not-found'], gone).outcome).toBe('ok'));
});

describe('a flow about which too little is known', () => {
  it.each(['reachable', 'unreachable'] as const)('is never as expected: %s', (expected) =>
    expect(judge(expected, [], inconclusive)).toEqual({
      outcome: 'inconclusive',
      because: [],
      says: 'inconclusive: everything that is measured from the source Pod: nothing was run in the source Pod. To see it: --access source',
    }),
  );

  it('without a gap: the rung that is unknown', () =>
    expect(judge('reachable', [], { ...inconclusive, gaps: [] }).says).toBe('inconclusive: not measured'));
});

import { describe, expect, it } from 'vitest';
import { runOf } from '../support/run.ts';
import { API_VIP, endpointsOf, found, service, world } from '../support/world.ts';

const misselected = world({ service: found(service({ selector: { app: 'apii' } })), endpoints: endpointsOf([]) });

/** The Service address answers this many connections and refuses all that follow. */
function answersFirst(count: number): (address: string) => 'answered' | 'refused' {
  let tried = 0;
  return (address) => (address === API_VIP && ++tried > count ? 'refused' : 'answered');
}

describe('a Service that leads nowhere, and still answers', () => {
  it('is looked at again, and blamed once the node has followed', () => {
    const { report, climb } = runOf({ evidence: misselected, network: answersFirst(5) });
    expect(report.verdict).toBe('fault');
    expect(report.findings[0]).toMatchObject({ id: 'selector-mismatch', role: 'cause' });
    expect(climb.looks.again).toBe(1);
    expect(report.flow.notes).toEqual([
      'Something was just changing: objects and connections contradicted each other, and were looked at once more.',
    ]);
    // 1.5 s of waiting are part of the run, and both looks stay in the log.
    expect(report.durationMs).toBeGreaterThan(1500);
    expect(Object.keys(climb.results)).toEqual(expect.arrayContaining(['service-0', 'service-0-look-2']));
  });

  it('is looked at twice more at most; a contradiction that stays is told', () => {
    const { report, climb } = runOf({ evidence: misselected, network: () => 'answered' });
    expect(climb.looks.again).toBe(2);
    expect(report.verdict).toBe('inconclusive');
    expect(report.findings[0]).toMatchObject({ id: 'selector-mismatch', role: 'risk' });
    expect(report.flow.notes[0]).toBe(
      "The Service address answers although no EndpointSlice lists a backend, also when it was looked at twice more: the node's rules are older than the slices. It will fail once they follow.",
    );
  });
});

describe('a run without a contradiction', () => {
  it('looks once', () => {
    const { climb, report } = runOf();
    expect(climb.looks).toEqual({ again: 0, isWaiting: false, isOver: false });
    expect(report.durationMs).toBeLessThan(1500);
  });
});

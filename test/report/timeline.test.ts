import { describe, expect, it } from 'vitest';
import { type Activity, timelineOf } from '../../src/report/timeline.ts';
import type { RunEvent } from '../../src/session/event.ts';
import { type Climb, climbOf, update } from '../../src/session/session.ts';
import { runOf } from '../support/run.ts';
import { apiA, apiB, missing, world } from '../support/world.ts';

const { climb } = runOf({ network: (address) => (address === '10.244.3.11' ? 'lost' : 'answered') });
const timeline = timelineOf(climb);
const one = (id: string, of: readonly Activity[] = timeline): Activity | undefined => of.find((item) => item.id === id);

describe('the timeline of a run', () => {
  it('has every read, the container and every probe, in the order in which they began', () => {
    const starts = timeline.map(({ startMs }) => startMs);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    const ids = timeline.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(timeline.filter(({ kind }) => kind === 'probe').length).toBe(Object.keys(climb.results).length);
    expect(timeline.filter(({ kind }) => kind === 'read').length).toBe(Object.keys(climb.api).length);
    expect(ids.slice(0, 2)).toEqual(['read sourcePod', 'read service']);
  });

  it('tells of a read how long it took and how much came', () => {
    expect(one('read endpoints')).toEqual({
      id: 'read endpoints',
      kind: 'read',
      vantage: 'api',
      what: 'EndpointSlices and Pods of the Service',
      saw: '1 slice, 3 Pods',
      result: 'ok',
      startMs: 60,
      durationMs: 12,
      command: 'see endpoints',
      text: null,
    });
    expect(one('read policies')?.saw).toBe('none');
    expect(one('read nodes')?.saw).toBe('3 objects');
  });

  it('tells how long the debug container took to start', () => {
    expect(one('container source/shop/web')).toMatchObject({
      what: 'debug container in Pod web',
      saw: 'netdebug added, runs with nicolaka/netshoot:v0.16, profile netadmin',
      startMs: 40,
      durationMs: 900,
    });
  });

  it('tells of a probe when it ran, by the time its tool took, and what it printed', () => {
    expect(one('probe backend-2')).toMatchObject({
      vantage: 'source',
      what: 'HTTP api-c 10.244.3.11:8080',
      saw: 'no answer in 4 s',
      result: 'faulty',
      // Launched with the container at 940; curl took 4002 ms, and its output 5 ms to arrive.
      startMs: 945,
      durationMs: 4002,
    });
    expect(one('probe backend-2')?.text).toContain('Connection timed out after 4002 milliseconds');
  });

  it('has no length where nobody knows it', () => {
    const refused = runOf({ evidence: world({ policies: missing('forbidden', 'policies is forbidden') }) }).climb;
    expect(one('read policies', timelineOf(refused))).toMatchObject({
      saw: 'policies is forbidden',
      result: 'unknown',
      durationMs: null,
    });
    const gap = { reason: 'timed-out', detail: 'the connection was cut' } as const;
    const lost = { ...climb, results: { name: { gap, tookMs: 0, text: '', endedMs: 990 } } };
    expect(one('probe name', timelineOf(lost))).toMatchObject({
      saw: 'the connection was cut',
      startMs: 990,
      durationMs: null,
    });
  });

  it('says how a container failed', () => {
    const at = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;
    const gap = { reason: 'forbidden', detail: 'ephemeralcontainers is forbidden' } as const;
    const failed: Climb = {
      ...climb,
      containers: { 'source/shop/web': { at, state: 'failed', name: null, created: false, gap } },
    };
    expect(one('container source/shop/web', timelineOf(failed))).toMatchObject({
      saw: 'ephemeralcontainers is forbidden',
      result: 'unknown',
      durationMs: null,
    });
  });

  it('counts backends by their own vantage', () => {
    const deep = runOf({
      access: 'backend',
      network: (address, port) => (port === 8080 && address === '10.244.1.11' ? 'refused' : 'answered'),
    }).climb;
    expect(one('probe listeners-api-a', timelineOf(deep))).toMatchObject({
      vantage: 'backend',
      saw: '127.0.0.1:8080',
    });
    expect(
      [apiA, apiB].map(({ metadata }) => one(`container backend/shop/${metadata.name}`, timelineOf(deep))),
    ).toEqual([expect.objectContaining({ durationMs: 900 }), undefined]);
  });

  it('leaves out the time in which a person decided to go deeper', () => {
    const endedMs = climb.endedMs ?? 0;
    const deeper: RunEvent = { type: 'access-granted', atMs: endedMs + 60_000, access: 'backend' };
    const later = climbOf(update({ ...climb, phase: 'verdict' }, deeper).session);
    expect(later === null ? [] : timelineOf(later).map(({ id, startMs }) => [id, startMs])).toEqual(
      timeline.map(({ id, startMs }) => [id, startMs]),
    );
  });
});

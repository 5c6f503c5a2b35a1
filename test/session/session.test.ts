import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect, RunEvent } from '../../src/session/event.ts';
import { climbOf, runTimeMs, type Session, START, update } from '../../src/session/session.ts';
import { runOf } from '../support/run.ts';
import { apiC } from '../support/world.ts';

const atSource = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;

/** A source Pod and nothing else that exists: enough for a run with a container and probes. */
const RESOLVED: Extract<RunEvent, { type: 'resolved' }> = {
  type: 'resolved',
  atMs: 100,
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
  cluster: { context: 'lab', serverTimeMs: 0 },
  evidence: {
    sourcePod: {
      status: 'collected',
      value: { found: true, object: { metadata: { name: 'web', namespace: 'shop' }, spec: { containers: [] } } },
      command: 'kubectl get pod web',
      atMs: 50,
      tookMs: 5,
    },
  },
};

/** One event of each type, all at the same time. */
const EVENTS: { readonly [T in RunEvent['type']]: Extract<RunEvent, { type: T }> } = {
  resolved: RESOLVED,
  problem: { type: 'problem', atMs: 900, problem: { kind: 'environment', message: 'gone', tryThis: [] } },
  'rights-checked': {
    type: 'rights-checked',
    atMs: 900,
    rights: { source: [], backend: ['create pods/exec in data'] },
  },
  'admission-checked': {
    type: 'admission-checked',
    atMs: 900,
    admission: { profile: null, refusal: 'debug containers need a ticket' },
  },
  'access-granted': { type: 'access-granted', atMs: 900, access: 'backend' },
  'evidence-settled': {
    type: 'evidence-settled',
    atMs: 900,
    kind: 'service',
    collected: { status: 'collected', value: { found: false }, command: 'kubectl get service api', atMs: 0, tookMs: 1 },
  },
  'container-changed': {
    type: 'container-changed',
    atMs: 900,
    at: atSource,
    container: { state: 'waiting', name: 'netdebug', created: true, detail: 'starting' },
  },
  'probe-settled': {
    type: 'probe-settled',
    atMs: 900,
    id: 'resolv-conf',
    output: { exitCode: 0, text: 'nameserver 10.96.0.10\n', tookMs: 3 },
  },
  'probes-lost': {
    type: 'probes-lost',
    atMs: 900,
    ids: ['hosts'],
    gap: { reason: 'timed-out', detail: 'no answer' },
  },
  'probe-read': {
    type: 'probe-read',
    atMs: 900,
    id: 'resolv-conf',
    result: {
      reading: { nameservers: ['10.96.0.10'], search: [], ndots: 5, text: '' },
      command: 'cat /etc/resolv.conf',
      tookMs: 3,
      text: '',
    },
  },
  'capture-read': { type: 'capture-read', atMs: 900, id: 'capture-0', packets: [] },
  waited: { type: 'waited', atMs: 900, isOver: false },
  'time-is-up': { type: 'time-is-up', atMs: 900, afterMs: 800 },
  'recording-ended': { type: 'recording-ended', atMs: 900 },
  'shell-requested': { type: 'shell-requested', atMs: 900 },
  'shell-ended': { type: 'shell-ended', atMs: 900 },
  'check-again': { type: 'check-again', atMs: 900, serverTimeMs: 1_000_000 },
  quit: { type: 'quit', atMs: 900 },
};

const GRANTED: RunEvent = { type: 'access-granted', atMs: 300, access: 'source' };
const RUNNING: RunEvent = {
  type: 'container-changed',
  atMs: 400,
  at: atSource,
  container: { state: 'running', name: 'netdebug', created: true, image: 'netshoot', tookMs: 300, profile: 'netadmin' },
};
const UP: RunEvent = { type: 'time-is-up', atMs: 800, afterMs: 500 };

/** How each phase is reached. */
const PATHS: Readonly<Record<Session['phase'], readonly RunEvent[]>> = {
  resolving: [],
  'asking-access': [RESOLVED],
  climbing: [RESOLVED, GRANTED, RUNNING],
  verdict: [RESOLVED, GRANTED, RUNNING, UP],
  'in-shell': [RESOLVED, GRANTED, RUNNING, UP, EVENTS['shell-requested']],
  failed: [RESOLVED, EVENTS.problem],
  ended: [RESOLVED, EVENTS.quit],
};

function fold(events: readonly RunEvent[]): { readonly session: Session; readonly effects: readonly Effect[] } {
  return events.reduce<{ session: Session; effects: readonly Effect[] }>(
    ({ session, effects }, event) => {
      const step = update(session, event);
      return { session: step.session, effects: [...effects, ...step.effects] };
    },
    { session: START, effects: [] },
  );
}

type Outcome = Session['phase'] | 'taken in' | 'nothing';

/** The phase that an event leads to, or that it is taken in without leaving the phase, or that nothing changes. */
const TABLE: Readonly<Record<Session['phase'], Readonly<Record<RunEvent['type'], Outcome>>>> = {
  resolving: row({ resolved: 'asking-access', problem: 'failed', quit: 'ended' }),
  'asking-access': row({
    problem: 'failed',
    'access-granted': 'climbing',
    'evidence-settled': 'taken in',
    'rights-checked': 'taken in',
    'admission-checked': 'taken in',
    'container-changed': 'taken in',
    quit: 'ended',
  }),
  climbing: row({
    problem: 'failed',
    'evidence-settled': 'taken in',
    'rights-checked': 'taken in',
    'admission-checked': 'taken in',
    'container-changed': 'taken in',
    'probe-settled': 'taken in',
    'probe-read': 'taken in',
    'probes-lost': 'taken in',
    'time-is-up': 'verdict',
    'recording-ended': 'verdict',
    quit: 'ended',
  }),
  verdict: row({
    'container-changed': 'taken in',
    problem: 'failed',
    'access-granted': 'climbing',
    'shell-requested': 'in-shell',
    'check-again': 'climbing',
    quit: 'ended',
  }),
  'in-shell': row({ problem: 'failed', 'shell-ended': 'verdict', quit: 'ended' }),
  failed: row({ quit: 'ended' }),
  ended: row({}),
};

function row(some: Partial<Record<RunEvent['type'], Outcome>>): Readonly<Record<RunEvent['type'], Outcome>> {
  const all = Object.fromEntries(Object.keys(EVENTS).map((type) => [type, 'nothing']));
  return { ...all, ...some } as Record<RunEvent['type'], Outcome>;
}

describe('every event in every phase', () => {
  const pairs = (Object.keys(TABLE) as Session['phase'][]).flatMap((phase) =>
    (Object.keys(EVENTS) as RunEvent['type'][]).map((type) => [phase, type, TABLE[phase][type]] as const),
  );

  it.each(pairs)('%s: %s → %s', (phase, type, outcome) => {
    const { session } = fold(PATHS[phase]);
    expect(session.phase).toBe(phase);
    const step = update(session, EVENTS[type]);
    if (outcome === 'nothing') {
      expect(step.session).toEqual(session);
      expect(step.effects).toEqual([]);
    } else if (outcome === 'taken in') {
      expect(step.session.phase).toBe(phase);
      expect(step.session).not.toEqual(session);
    } else {
      expect(step.session.phase).toBe(outcome);
    }
  });
});

describe('what is asked of the world', () => {
  it('changes nothing in the cluster before access is granted', () => {
    const harmless = Object.values(EVENTS).filter(({ type }) => type !== 'access-granted');
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...harmless, RESOLVED), { maxLength: 30 }), (events) => {
        expect(fold(events).effects.filter(({ type }) => type !== 'read' && type !== 'stop')).toEqual([]);
      }),
    );
  });

  it('reads while the person is still being asked, and each thing once', () => {
    const { effects } = fold([RESOLVED, GRANTED]);
    const reads = effects.flatMap((effect) => (effect.type === 'read' ? [effect.kind] : []));
    expect(reads).toContain('service');
    expect(reads).not.toContain('sourcePod');
    expect(new Set(reads).size).toBe(reads.length);
  });

  it('adds the container and then sends the probes', () => {
    expect(fold([RESOLVED, GRANTED]).effects).toContainEqual({ type: 'attach', at: atSource });
    const probes = fold([RESOLVED, GRANTED, RUNNING]).effects.flatMap((effect) =>
      effect.type === 'probe' ? effect.specs.map(({ id }) => id) : [],
    );
    expect(probes).toEqual(expect.arrayContaining(['resolv-conf', 'hosts']));
  });

  it('adds nothing, and asks nobody, where the destination is not there', () => {
    const object = { kind: 'Deployment', namespace: 'shop', name: 'ap' };
    const flow = { ...RESOLVED.flow, destination: { kind: 'Absent', object, near: ['api'] } } as const;
    const { session, effects } = fold([{ ...RESOLVED, flow }, GRANTED]);
    expect(climbOf(session)?.access).toBe('api');
    expect(session.phase).toBe('climbing');
    expect(effects.every(({ type }) => type === 'read')).toBe(true);
  });

  it('adds nothing with access api', () => {
    const { effects } = fold([RESOLVED, { ...EVENTS['access-granted'], access: 'api' }, EVENTS['evidence-settled']]);
    expect(effects.every(({ type }) => type === 'read')).toBe(true);
  });

  it('stops everything when the user quits, in every phase but the last', () => {
    for (const phase of Object.keys(PATHS) as Session['phase'][]) {
      if (phase !== 'ended')
        expect(update(fold(PATHS[phase]).session, EVENTS.quit).effects).toEqual([{ type: 'stop' }]);
    }
  });
});

describe('a run', () => {
  it('is the fold of its events: again, and after JSON, with the same evidence', () => {
    const events = [...PATHS.climbing, EVENTS['evidence-settled'], EVENTS['probe-settled'], EVENTS['probes-lost'], UP];
    const once = climbOf(fold(events).session)?.evidence;
    expect(once?.resolvConf?.status).toBe('collected');
    expect(climbOf(fold(events).session)?.evidence).toEqual(once);
    expect(climbOf(fold(JSON.parse(JSON.stringify(events)) as RunEvent[]).session)?.evidence).toEqual(once);
  });

  it('makes a gap of everything that is open when its time is up', () => {
    const climb = climbOf(fold(PATHS.verdict).session);
    expect(climb?.evidence.service).toMatchObject({ status: 'missing', gap: { reason: 'timed-out' } });
    expect(climb?.evidence.hostsFile).toMatchObject({
      status: 'missing',
      gap: { reason: 'timed-out', detail: 'not finished when the run ended after 0.5 s' },
    });
    expect(climb?.reading).toEqual([]);
    expect(climb?.endedMs).toBe(800);
  });

  it('is timed without what the person took to decide', () => {
    const asked = climbOf(fold([RESOLVED, GRANTED]).session);
    expect(asked?.sinceMs).toBe(200);
    const verdict = fold(PATHS.verdict).session;
    expect(climbOf(update(verdict, EVENTS['access-granted']).session)?.sinceMs).toBe(200 + (900 - 800));
    expect(climbOf(update(verdict, EVENTS['check-again']).session)?.sinceMs).toBe(900);
  });

  it('has a clock that stands while the person decides', () => {
    // Asked at 100, granted at 300, over at 800, granted more at 900.
    const climb = climbOf(update(fold(PATHS.verdict).session, EVENTS['access-granted']).session);
    const clock = (atMs: number): number | null => (climb === null ? null : runTimeMs(climb, atMs));
    expect([40, 100, 250, 300, 800, 850, 900, 950].map(clock)).toEqual([40, 100, 100, 100, 600, 600, 600, 650]);
    const again = climbOf(update(fold(PATHS.verdict).session, EVENTS['check-again']).session);
    expect(again === null ? null : runTimeMs(again, 930)).toBe(30);
  });

  it('is asked again from nothing, and looks for its container anew', () => {
    const { session, effects } = update(fold(PATHS.verdict).session, EVENTS['check-again']);
    const climb = climbOf(session);
    expect(climb?.results).toEqual({});
    expect(climb?.access).toBe('source');
    expect(Object.values(climb?.containers ?? {}).map(({ state }) => state)).toEqual(['looking']);
    expect(climb?.added.map(({ name }) => name)).toEqual(['netdebug']);
    expect(effects).toContainEqual({ type: 'read', kind: 'sourcePod' });
  });

  it('counts a container as added as soon as it is asked for, until it is refused', () => {
    const asking: RunEvent = {
      type: 'container-changed',
      atMs: 310,
      at: atSource,
      container: { state: 'waiting', name: 'netdebug', created: false, detail: 'asking' },
    };
    const refused: RunEvent = {
      ...asking,
      atMs: 320,
      container: { state: 'failed', name: null, created: false, gap: { reason: 'forbidden', detail: 'no' } },
    };
    const before = fold([RESOLVED, GRANTED, asking]).session;
    expect(climbOf(before)?.added).toEqual([{ at: atSource, name: 'netdebug', readyAfterMs: null, isGone: false }]);
    expect(climbOf(update(before, refused).session)?.added).toEqual([]);
  });

  describe('with access node', () => {
    const isLost = (address: string) => address === apiC.status?.podIPs?.[0]?.ip;

    it('looks at the nodes on the way of what was lost, and takes its Pods there away before the verdict', () => {
      const { climb, report } = runOf({
        access: 'node',
        network: (address) => (isLost(address) ? 'lost' : 'answered'),
      });
      expect(climb.evidence.nodeStates).toMatchObject({ status: 'collected', value: [{ node: 'n2' }, { node: 'n3' }] });
      expect(report.changes.filter(({ kind }) => kind === 'Pod')).toMatchObject([
        { namespace: 'shop', in: 'Node n2', left: false },
        { namespace: 'shop', in: 'Node n3', left: false },
      ]);
      expect(new Set(report.changes.map(({ name }) => name)).size).toBe(3);
    });

    it('makes none where everything answers', () =>
      expect(runOf({ access: 'node' }).report.changes.map(({ kind }) => kind)).toEqual(['EphemeralContainer']));

    it('says that one is still there when it could not be taken away', () => {
      const { report } = runOf({
        access: 'node',
        network: (address) => (isLost(address) ? 'lost' : 'answered'),
        canRemove: false,
      });
      expect(report.changes.filter(({ kind }) => kind === 'Pod').map(({ left }) => left)).toEqual([true, true]);
    });
  });

  it('keeps the problem when it is left, for the exit code', () => {
    expect(fold([RESOLVED, EVENTS.problem, EVENTS.quit]).session).toMatchObject({
      phase: 'ended',
      problem: { message: 'gone' },
    });
  });
});

import { renderToString } from 'ink';
import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/session/event.ts';
import { type Session, START, update } from '../../src/session/session.ts';
import { App } from '../../src/ui/App.tsx';
import { faulty, plan, rungs, theme } from './fixture.ts';

/** Clears the screen, moves the cursor, turns the direction of writing: all that a name or a message must not do. */
const HOSTILE = 'a\u001b[2J\u001b]0;b\u0007\u009b1Hc\u202ed\re';
const CLEANED = 'a\\u001b[2J\\u001b]0;b\\u0007\\u009b1Hc\\u202ed\\u000de';

const RESOLVED: RunEvent = {
  type: 'resolved',
  atMs: 1,
  flow: {
    source: { namespace: HOSTILE, name: HOSTILE },
    destination: { kind: 'Service', namespace: HOSTILE, name: HOSTILE },
    typed: HOSTILE,
    dnsName: HOSTILE,
    byAddress: false,
    port: null,
    protocol: null,
    scheme: null,
    notes: [],
  },
  cluster: { context: HOSTILE, serverTimeMs: 0 },
  evidence: { sourcePod: { status: 'collected', value: { found: false }, command: '', atMs: 0, tookMs: 0 } },
};
const GRANTED: RunEvent = { type: 'access-granted', atMs: 2, access: 'source' };
const LOST: RunEvent = {
  type: 'probes-lost',
  atMs: 3,
  ids: ['resolv-conf', 'name-search'],
  gap: { reason: 'timed-out', detail: HOSTILE },
};
const UP: RunEvent = { type: 'time-is-up', atMs: 4, afterMs: 4 };

const hostile = <T,>(value: T): T =>
  JSON.parse(
    JSON.stringify(value, (key, item: unknown) =>
      typeof item === 'string' && ['summary', 'saw', 'because', 'say', 'detail', 'what', 'name'].includes(key)
        ? HOSTILE
        : item,
    ),
  ) as T;

function draw(events: readonly RunEvent[]): string {
  const session = events.reduce<Session>((before, event) => update(before, event).session, START);
  const diagnosis = { verdict: 'fault', reach: {}, rungs: hostile(rungs), findings: [], results: [] };
  return renderToString(
    <App
      runner={{ session, serverTimeMs: () => 0, nowMs: () => 5, send: () => undefined }}
      subscribe={() => () => undefined}
      theme={theme}
      wanted={{ source: HOSTILE, destination: HOSTILE }}
      judge={() => diagnosis as never}
      report={() => hostile(faulty)}
      plan={() => hostile(plan)}
      commandFor={() => 'kubectl netdebug'}
      explain={async () => ''}
      rightsYaml={async () => ''}
      copy={() => ''}
      isWatching={false}
      exportAs={async () => ''}
      interrupt={() => undefined}
      onAnother={null}
      suspend={() => undefined}
      onLender={() => undefined}
    />,
    { columns: 200 },
  );
}

it.each([
  ['resolving', []],
  ['asking', [RESOLVED]],
  ['climbing', [RESOLVED, GRANTED, LOST]],
  ['verdict', [RESOLVED, GRANTED, UP]],
  ['failed', [RESOLVED, { type: 'problem', atMs: 5, problem: { kind: 'bug', message: HOSTILE, tryThis: [HOSTILE] } }]],
] as const)('%s draws text of the cluster as text', (_phase, events) => {
  const screen = draw(events);
  expect(screen).toContain(CLEANED);
  expect(screen.replace(/\u001b\[\d*(;\d+)*m/g, '')).not.toMatch(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/,
  );
});

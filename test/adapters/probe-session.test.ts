import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecEnd } from '../../src/adapters/kube-exec.ts';
import { ProbeSession } from '../../src/adapters/probe-session.ts';
import type { Gap } from '../../src/evidence/collected.ts';
import type { ProbeSpec } from '../../src/probes/probe.ts';
import { digSpec, tcpSpec } from '../probes/recording.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Execs that answer what they are told to, and are ended from outside. */
function shells({ failing = [] }: { readonly failing?: readonly (string | null)[] } = {}) {
  const opened: { written: string; say(line: string): void; end(end: ExecEnd): void }[] = [];
  let tries = 0;
  const open = async (onOutput: (chunk: string) => void) => {
    const failure = failing[tries++] ?? null;
    if (failure !== null) throw new Error(failure);
    let end: (end: ExecEnd) => void = () => undefined;
    const ended = new Promise<ExecEnd>((resolve) => {
      end = resolve;
    });
    const shell = { written: '', say: (line: string) => onOutput(`${line}\n`), end };
    opened.push(shell);
    return {
      write: (text: string) => {
        shell.written += text;
      },
      ended,
      close: () => undefined,
    };
  };
  return { opened, open };
}

function session(open: ReturnType<typeof shells>['open']) {
  const settled: string[] = [];
  const lost: { ids: readonly string[]; gap: Gap }[] = [];
  const at = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;
  const listener = {
    settled: ({ id }: { readonly id: string }) => void settled.push(id),
    lost: (ids: readonly string[], gap: Gap) => void lost.push({ ids, gap }),
  };
  return { probes: new ProbeSession({} as never, at, 'netdebug', listener, open), settled, lost };
}

const a: ProbeSpec = { ...digSpec('a.'), id: 'a' };
const b: ProbeSpec = { ...tcpSpec('10.244.1.11', 80), id: 'b' };
const passing = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const LOST = { kind: 'lost', reason: 'the connection was closed (1006)' } as const;

describe('a session of probes', () => {
  it('whose connection breaks makes another, and asks for what had not come back', async () => {
    const { opened, open } = shells();
    const { probes, settled, lost } = session(open);
    probes.run([a, b], 'capture-1');
    await passing(0);
    opened[0]?.say('=a 0 1 2');
    opened[0]?.end(LOST);
    await passing(600);
    expect(opened).toHaveLength(2);
    expect(opened[1]?.written).toContain('nd_run b ');
    expect(opened[1]?.written).toContain('nd_capture capture-1');
    expect(opened[1]?.written).not.toContain('nd_run a ');
    // What the first shell still says is not of this connection.
    opened[0]?.say('=b 1 1 2');
    opened[1]?.say('=b 0 1 2');
    opened[1]?.say('=capture-1 0 1 2');
    expect(settled).toEqual(['a', 'b', 'capture-1']);
    await passing(60_000);
    expect(lost).toEqual([]);
  });

  it('takes what comes while it is away', async () => {
    const { opened, open } = shells();
    const { probes } = session(open);
    await passing(0);
    opened[0]?.end(LOST);
    await passing(100);
    probes.run([b], null);
    await passing(600);
    expect(opened[1]?.written).toContain('nd_run b ');
  });

  it('gives up after the third break, in the words of the last', async () => {
    const { opened, open } = shells();
    const { probes, lost } = session(open);
    probes.run([a], null);
    for (let round = 0; round < 3; round++) {
      await passing(600);
      opened[round]?.end({ kind: 'lost', reason: `break ${round}` });
    }
    await passing(2000);
    expect(opened).toHaveLength(3);
    expect(lost).toEqual([
      { ids: ['a'], gap: { reason: 'timed-out', detail: 'the connection to the debug container was lost: break 2' } },
    ]);
  });

  it('does not ask again where it is forbidden, and says what would allow it', async () => {
    const { open, opened } = shells({ failing: ['403: pods "web" is forbidden'] });
    const { probes, lost } = session(open);
    probes.run([a], null);
    await passing(5000);
    expect(opened).toHaveLength(0);
    expect(lost).toMatchObject([
      { ids: ['a'], gap: { reason: 'forbidden', unlock: 'kubectl netdebug permissions --access source -n shop' } },
    ]);
  });

  it('that is not made at first is made at the second try', async () => {
    const { open, opened } = shells({ failing: ['read ECONNRESET'] });
    const { probes, settled } = session(open);
    probes.run([a], null);
    await passing(600);
    opened[0]?.say('=a 0 1 2');
    expect(settled).toEqual(['a']);
  });

  it('does not ask again once the shell has ended by itself', async () => {
    const { open, opened } = shells();
    const { probes, lost } = session(open);
    probes.run([a], null);
    await passing(0);
    opened[0]?.end({ kind: 'exited', code: 137 });
    await passing(2000);
    expect(opened).toHaveLength(1);
    expect(lost).toMatchObject([{ gap: { detail: 'the shell in the debug container ended' } }]);
  });

  it('does not ask again for a capture that ran in the shell that was lost', async () => {
    const { open, opened } = shells();
    const { probes, lost } = session(open);
    const flow = { from: ['10.244.2.10'], to: ['10.244.3.11'], ports: [8080] };
    probes.run([{ id: 'end', kind: 'flowCaptures', at: a.at, tool: 'capture-end', ...flow }, b], null);
    await passing(0);
    opened[0]?.end(LOST);
    await passing(600);
    expect(lost.map(({ ids }) => ids)).toEqual([['end']]);
    expect(opened[1]?.written).not.toContain('nd_run end ');
    expect(opened[1]?.written).toContain('nd_run b ');
  });

  it('does not capture again where only the packets had not come back', async () => {
    const { open, opened } = shells();
    const { probes, lost } = session(open);
    probes.run([a], 'capture-1');
    probes.run([b], null);
    await passing(0);
    opened[0]?.say('=a 0 1 2');
    opened[0]?.end(LOST);
    await passing(600);
    expect(lost).toMatchObject([{ ids: ['capture-1'], gap: { reason: 'timed-out' } }]);
    expect(opened[1]?.written).not.toContain('nd_capture capture-1');
    expect(opened[1]?.written).toContain('nd_run b ');
  });

  it('tells what does not come back in time, also after another connection', async () => {
    const { open, opened } = shells();
    const { probes, lost } = session(open);
    probes.run([a], null);
    await passing(15_000);
    opened[0]?.end(LOST);
    await passing(15_000);
    expect(lost).toEqual([]);
    await passing(6000);
    expect(lost).toEqual([{ ids: ['a'], gap: { reason: 'timed-out', detail: 'no result in 20 s' } }]);
  });
});

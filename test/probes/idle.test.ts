import { describe, expect, it } from 'vitest';
import { readIdle } from '../../src/probes/idle.ts';
import { argvOf, commandOf, longestS, type ProbeSpec, UnreadableOutput } from '../../src/probes/probe.ts';

const spec = {
  id: 'idle-0',
  kind: 'idleTests',
  at: { vantage: 'source', namespace: 'shop', pod: 'web' },
  tool: 'idle',
  address: '10.96.114.140',
  port: 80,
  host: 'api.shop',
  owner: { kind: 'Service', name: 'api', node: null },
  holdsS: [0, 5, 30],
} as const satisfies ProbeSpec;
const read = (text: string) => readIdle(spec, { text, exitCode: 0, tookMs: 34_000 }, 'nc').holds;

describe('idle connections', () => {
  it('are told by their pauses, the shortest first, whichever ends first', () =>
    expect(read('hold 5 closed yes\nhold 0 answered yes\nhold 60 reset no\nhold 30 silent yes\n')).toEqual([
      { idleS: 0, outcome: 'answered', again: true },
      { idleS: 5, outcome: 'closed', again: true },
      { idleS: 30, outcome: 'silent', again: true },
      { idleS: 60, outcome: 'reset', again: false },
    ]));

  it.each(['', 'bash: syntax error\n', 'hold x silent yes\n'])('are not believed when it prints %j', (text) =>
    expect(() => read(text)).toThrow(UnreadableOutput),
  );

  it('are given the time of the longest pause, and what an answer takes', () => expect(longestS(spec)).toBe(45));

  it('are held for the times of the plan', () => expect(argvOf(spec).slice(-3)).toEqual(['0', '5', '30']));

  it('can be tried by hand', () => expect(commandOf(spec, 'netdebug')).toContain('sleep 30; printf'));
});

import { describe, expect, it } from 'vitest';
import { type ProbeSpec, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';
import { readSizes } from '../../src/probes/sizes.ts';

const spec = {
  id: 'sizes-0',
  kind: 'sizeTests',
  at: { vantage: 'source', namespace: 'shop', pod: 'web' },
  tool: 'sizes',
  scheme: 'http',
  address: '10.244.3.11',
  port: 8080,
  host: 'api.shop',
  owner: { kind: 'Pod', name: 'api-c', node: 'n3' },
  padding: 0,
} as const satisfies ProbeSpec;
const read = (text: string, exitCode = 0) => readSizes(spec, { text, exitCode, tookMs: 4000 }, 'ping');

describe('sizes', () => {
  it('tells what stalled, what did not, and which pings passed', () =>
    expect(
      read(`mtu 1450
ping 100 0
ping 775 0
ping 1450 1
ping 1350 0
ping 1360 1
socket ESTAB 0 6152 10.244.2.10:40112 10.244.3.11:8080 cubic wscale:7,7 rto:816 mss:1398 pmtu:1450 unacked:5 retrans:1/3 lost:5
small 20134 0
usual 0 124
`),
    ).toMatchObject({
      usual: { bytes: 0, isComplete: false },
      small: { bytes: 20_134, isComplete: true },
      sender: { unacknowledged: 6152, retransmits: 3 },
      mtu: 1450,
      pings: [
        { bytes: 100, outcome: 'answered' },
        { bytes: 775, outcome: 'answered' },
        { bytes: 1350, outcome: 'answered' },
        { bytes: 1360, outcome: 'lost' },
        { bytes: 1450, outcome: 'lost' },
      ],
    }));

  it('takes a size for passed when one of several pings of it is', () =>
    expect(read('ping 1350 1\nping 1350 0\nping 1350 1\nusual 0 124\nsmall 9 0\n').pings).toEqual([
      { bytes: 1350, outcome: 'answered' },
    ]));

  it('tells a packet that somebody called too long from one that was lost', () =>
    expect(read('ping 1450 3\nusual 9 0\nsmall 9 0\n').pings).toEqual([{ bytes: 1450, outcome: 'too-long' }]));

  it('takes no answer at all for incomplete, also when the connection was closed', () =>
    expect(read('usual 0 0\nsmall 0 1\n')).toMatchObject({
      usual: { bytes: 0, isComplete: false },
      small: { bytes: 0, isComplete: false },
    }));

  it('needs socat', () => expect(() => read('', 127)).toThrow(ToolMissing));

  it.each(['', 'usual 0 124\n', 'small 3\nusual x 0\n'])('does not believe %j', (text) =>
    expect(() => read(text)).toThrow(UnreadableOutput),
  );
});

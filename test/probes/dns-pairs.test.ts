import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readDnsPairs } from '../../src/probes/dns-pairs.ts';
import { argvOf, commandOf, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';

const at = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;
const name = 'svc.cluster.local.';
const spec = {
  id: 'pairs',
  kind: 'dnsPairs',
  at,
  tool: 'dns-pairs',
  name,
  server: '127.0.0.1',
  port: 53,
  atOnce: 3,
  inTurn: 2,
} as const;
const hasBash = spawnSync('bash', ['-c', 'exit 0']).status === 0;

/** What came in, one entry for each packet: the port it came from and its bytes. */
async function ask(isAnswered: (index: number) => boolean) {
  const packets: { from: number; bytes: Buffer }[] = [];
  const server = createSocket('udp4').on('message', (bytes, { port, address }) => {
    packets.push({ from: port, bytes });
    if (isAnswered(packets.length)) server.send(Buffer.concat([bytes, Buffer.alloc(40, 7)]), port, address);
  });
  await new Promise<void>((ready) => server.bind(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const [command = '', ...args] = argvOf({ ...spec, port });
  const run = spawn(command, args);
  let text = '';
  run.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await once(run, 'close');
  server.close();
  return { packets, reading: readDnsPairs(spec, { text, exitCode: 0, tookMs: 1 }, 'dig') };
}

describe.runIf(hasBash)('pairs of questions, asked for real', () => {
  it('are whole packets, two from one socket at once, and from new ones in turn', async () => {
    const { packets, reading } = await ask(() => true);
    expect(reading).toEqual({
      server: '127.0.0.1',
      atOnce: { times: 3, both: 3, one: 0, none: 0 },
      inTurn: { times: 2, both: 2 },
      command: 'dig',
    });
    const ports = packets.map(({ from }) => from);
    expect(packets).toHaveLength(10);
    expect(new Set(ports).size).toBe(3 + 4);
    // RFC 1035, section 4.1: header with one question and recursion desired, name, type, class.
    const question = '03737663' + '07636c7573746572' + '056c6f63616c' + '00';
    const hex = new Set(packets.map(({ bytes }) => bytes.toString('hex')));
    expect(hex).toEqual(
      new Set([`410101000001000000000000${question}00010001`, `410201000001000000000000${question}001c0001`]),
    );
  });
});

describe('what pairs of questions say', () => {
  const read = (text: string, exitCode = 0) => readDnsPairs(spec, { text, exitCode, tookMs: 9 }, 'dig');

  it('counts answers of each pair', () =>
    expect(read('pair 2\npair 1\nsingle 2\npair 0\nsingle 1\n')).toEqual({
      server: '127.0.0.1',
      atOnce: { times: 3, both: 1, one: 1, none: 1 },
      inTurn: { times: 2, both: 1 },
      command: 'dig',
    }));
  it('is nothing without bash', () => expect(() => read('', 127)).toThrow(ToolMissing));
  it('is nothing in an output of another kind', () => expect(() => read('usage: bash\n')).toThrow(UnreadableOutput));
  it('is shown as a command that a person would type', () =>
    expect(commandOf(spec, 'netdebug')).toBe(
      'kubectl -n shop exec web -c netdebug -- dig @127.0.0.1 -p 53 +tries=1 svc.cluster.local. A svc.cluster.local. AAAA',
    ));
});

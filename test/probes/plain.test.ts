/** The questions as a small image can ask them, asked for real: by busybox, and by bash alone, of servers on this machine. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeSpec } from '../../src/probes/probe.ts';
import { batchScript, SESSION_END, SESSION_PREAMBLE, SessionReader } from '../../src/probes/script.ts';
import { readOne } from '../../src/session/evidence.ts';
import { digSpec, httpSpec, searchSpec, tcpSpec } from './recording.ts';

/** Not an address that a resolver of this machine listens on. */
const DNS = '127.77.1.53';
const NOBODY = '127.77.1.54';

const where = (tool: string): string =>
  spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
const folder = mkdtempSync(join(tmpdir(), 'netdebug-plain-'));
const images = { busybox: join(folder, 'busybox'), bash: join(folder, 'bash') };
const isRoot = process.getuid?.() === 0;

beforeAll(() => {
  for (const path of Object.values(images)) mkdirSync(path);
  if (where('busybox') !== '')
    for (const name of spawnSync('busybox', ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n'))
      symlinkSync(where('busybox'), join(images.busybox, name));
  for (const name of ['bash', 'sh', 'timeout', 'base64', 'cat', 'head', 'tr', 'date', 'wc'])
    symlinkSync(where(name), join(images.bash, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BIND = 'mount --bind "$0" /etc/resolv.conf && exec env -i PATH="$1" "$2" -s';

/** Runs probes in a session of a shell that has nothing but what an image has. */
async function ask(image: keyof typeof images, specs: readonly ProbeSpec[], resolvConf: string | null = null) {
  const shell = join(images[image], image === 'busybox' ? 'sh' : 'bash');
  const child =
    resolvConf === null
      ? spawn(shell, ['-s'], { env: { PATH: images[image] } })
      : spawn('unshare', ['-m', 'sh', '-c', BIND, resolvConf, images[image], shell]);
  const reader = new SessionReader();
  const readings = new Map<string, ReturnType<typeof readOne.probe>>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    for (const { id, output } of reader.read(chunk)) {
      const spec = specs.find((one) => one.id === id);
      if (spec !== undefined) readings.set(id, readOne.probe(spec, output, 'netdebug'));
    }
  });
  child.stdin.end(`${SESSION_PREAMBLE}${batchScript(specs, null)}${SESSION_END}`);
  await new Promise((resolve) => child.on('close', resolve));
  return specs.map(({ id }) => readings.get(id));
}

const reading = (result: unknown) => (result as { reading?: unknown } | undefined)?.reading;
const label = (name: string): Buffer => Buffer.concat([Buffer.from([name.length]), Buffer.from(name)]);

describe.skipIf(where('busybox') === '' || !isRoot)('a name, asked of nslookup in busybox', () => {
  const server = createSocket('udp4');
  const asked: string[] = [];
  beforeAll(async () => {
    server.on('message', (query, { address, port }) => {
      const labels: string[] = [];
      let at = 12;
      while ((query[at] ?? 0) > 0) {
        labels.push(query.subarray(at + 1, at + 1 + (query[at] ?? 0)).toString());
        at += (query[at] ?? 0) + 1;
      }
      asked.push(`${labels.join('.')}.`);
      const [first] = labels;
      if (first === 'silent') return;
      const rcode = { nx: 3, fails: 2, denied: 5 }[first ?? ''] ?? 0;
      const header = Buffer.from([0, 0, 0x85, 0x80 | rcode, 0, 1, 0, 0, 0, 0, 0, 0]);
      query.copy(header, 0, 0, 2);
      const question = query.subarray(12, at + 5);
      const record = (type: number, data: Buffer): Buffer =>
        Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 30, 0, data.length]), data]);
      const target = Buffer.concat([label('real'), label('test'), Buffer.from([0])]);
      const answers =
        rcode > 0 || first === 'empty'
          ? []
          : first === 'alias'
            ? [record(5, target), Buffer.concat([target, Buffer.from([0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 1, 2, 3])])]
            : [record(1, Buffer.from([10, 1, 2, 3]))];
      header[7] = answers.length;
      server.send(Buffer.concat([header, question, ...answers]), port, address);
    });
    await new Promise<void>((resolve) => server.bind(53, DNS, resolve));
  });
  afterAll(() => server.close());

  const cases = [
    ['api.test.', { kind: 'answered', rcode: 'NOERROR', addresses: ['10.1.2.3'], cnames: [] }],
    ['alias.test.', { kind: 'answered', rcode: 'NOERROR', addresses: ['10.1.2.3'], cnames: ['real.test.'] }],
    ['empty.test.', { kind: 'answered', rcode: 'NOERROR', addresses: [] }],
    ['nx.test.', { kind: 'answered', rcode: 'NXDOMAIN', addresses: [] }],
    ['fails.test.', { kind: 'answered', rcode: 'SERVFAIL', addresses: [] }],
    ['denied.test.', { kind: 'answered', rcode: 'REFUSED', addresses: [] }],
    ['silent.test.', { kind: 'timed-out' }],
  ] as const;

  it('tells what the server said', async () => {
    const results = await ask(
      'busybox',
      cases.map(([name], index) => ({ ...digSpec(name, DNS), id: `name-${index}` })),
    );
    expect(results.map(reading)).toMatchObject(
      cases.map(([name, outcome]) => ({ name, server: DNS, transport: 'udp', outcome })),
    );
    expect(results[0]).toMatchObject({
      command: `kubectl -n shop exec web -c netdebug -- nslookup -type=a api.test. ${DNS}`,
    });
  });

  it('tells a port where nobody listens from a server that is silent', async () => {
    const [result] = await ask('busybox', [digSpec('api.test.', NOBODY)]);
    expect(reading(result)).toMatchObject({ outcome: { kind: 'refused' } });
  });

  it('does not ask over TCP, or at another port, and says what is missing', async () => {
    const [tcp, other] = await ask('busybox', [
      { ...digSpec('api.test.', DNS, 'tcp'), id: 'tcp' },
      { ...digSpec('api.test.', DNS, 'udp', 5353), id: 'other' },
    ]);
    expect(tcp).toMatchObject({ gap: { reason: 'tool-missing', detail: 'the image has no dig' } });
    expect(other).toMatchObject({ gap: { reason: 'tool-missing' } });
  });

  it('makes the names of the search list, and stops at the first that is found', async () => {
    const through = async (name: string, ndots: number) => {
      asked.length = 0;
      writeFileSync(resolvConf, `nameserver ${DNS}\nsearch nx.svc.test svc.test.\noptions ndots:${ndots} timeout:1\n`);
      const [result] = await ask('busybox', [searchSpec(name)], resolvConf);
      return { asked: [...asked], reading: reading(result) };
    };
    const resolvConf = join(folder, 'resolv.conf');
    expect(await through('api', 5)).toMatchObject({
      asked: ['api.nx.svc.test.'],
      reading: { typed: 'api', outcome: { addresses: ['10.1.2.3'] }, steps: [{ name: 'api.nx.svc.test.' }] },
    });
    expect(await through('nx.api', 5)).toMatchObject({
      asked: ['nx.api.nx.svc.test.', 'nx.api.svc.test.', 'nx.api.'],
      reading: {
        outcome: { rcode: 'NXDOMAIN' },
        steps: [{ rcode: 'NXDOMAIN' }, { rcode: 'NXDOMAIN' }, { rcode: 'NXDOMAIN' }],
      },
    });
    expect(await through('nx.api', 1)).toMatchObject({
      asked: ['nx.api.', 'nx.api.nx.svc.test.', 'nx.api.svc.test.'],
    });
    expect(await through('api.shop.', 5)).toMatchObject({ asked: ['api.shop.'] });
  });
});

const shells = (['busybox', 'bash'] as const).filter((name) => where(name) !== '');

describe.each(shells)('a connection, made with what %s has', (image) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const { localPort } = socket;
    if (localPort === ports[0])
      socket.once('data', (request) =>
        socket.end(
          String(request).includes('Host: api.shop\r\n')
            ? `HTTP/1.1 503 Service Unavailable\r\nX-Request: ${request.length}\r\n\r\nno`
            : 'HTTP/1.1 400 Bad Request\r\n\r\n',
        ),
      );
    else if (localPort === ports[1]) socket.resume();
    else if (localPort === ports[2]) socket.destroy();
    else socket.end('220 mail.test ESMTP\r\n\u001b[31m');
  });
  const servers = [server, ...[0, 1, 2].map(() => createServer((socket) => server.emit('connection', socket)))];
  const ports: number[] = [];
  beforeAll(async () => {
    for (const one of servers) {
      await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
      ports.push((one.address() as AddressInfo).port);
    }
  });
  afterAll(() => {
    for (const one of servers) one.close();
  });

  it('tells the status, silence, an end without a word, and another protocol', async () => {
    const results = await ask(
      image,
      ports.map((port, index) => ({ ...httpSpec('127.0.0.1', port), id: `http-${index}` })),
    );
    expect(results.map(reading)).toMatchObject([
      { outcome: { kind: 'connected' }, exchange: { kind: 'http', status: 503 } },
      { outcome: { kind: 'connected' }, exchange: { kind: 'silent' } },
      { outcome: { kind: 'connected' }, exchange: { kind: 'closed' } },
      {
        outcome: { kind: 'connected' },
        exchange: { kind: 'other', text: 'an answer that is not HTTP: 220 mail.test ESMTP' },
      },
    ]);
    for (const result of results) expect((reading(result) as { outcome: { ms: number } }).outcome.ms).toBeLessThan(900);
  });

  it('tells a closed port, with a command that shows the same', async () => {
    const [result] = await ask(image, [httpSpec('127.0.0.1', 1)]);
    expect(reading(result)).toMatchObject({ outcome: { kind: 'refused' }, exchange: { kind: 'none' } });
    const { command } = result as { command: string };
    const words = command.slice(command.indexOf(' -- ') + 4);
    const again = spawnSync('sh', ['-c', words], { env: { PATH: images[image] }, encoding: 'utf8' });
    expect(again.stdout + again.stderr).toContain('Connection refused');
  });

  it('asks nothing of a port that speaks TLS or is only connected to', async () => {
    const results = await ask(image, [
      { ...httpSpec('127.0.0.1', ports[0] ?? 0, 'https'), id: 'tls' },
      ...(image === 'busybox' ? [{ ...tcpSpec('127.0.0.1', ports[0] ?? 0), id: 'tcp' }] : []),
    ]);
    for (const result of results)
      expect(reading(result)).toMatchObject({ outcome: { kind: 'connected' }, exchange: { kind: 'none' } });
  });

  it('fills a request as large as it is told', async () => {
    const [result] = await ask(image, [{ ...httpSpec('127.0.0.1', ports[0] ?? 0), padding: 6000 }]);
    expect(reading(result)).toMatchObject({ exchange: { kind: 'http', status: 503 } });
  });
});

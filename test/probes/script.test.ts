/** The script of a session, run for real by the shells that images have, with tools that only say what they were given. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argvOf, type ProbeSpec, shellWord } from '../../src/probes/probe.ts';
import {
  batchScript,
  SESSION_ARGV,
  SESSION_END,
  SESSION_PREAMBLE,
  SessionReader,
  type SettledProbe,
} from '../../src/probes/script.ts';
import { digSpec, tcpSpec } from './recording.ts';

const has = (tool: string): boolean => spawnSync(tool, ['true'], { stdio: 'ignore' }).error === undefined;
const SHELLS = [
  ['bash', ['bash', '-s']],
  ['dash', ['dash', '-s']],
  ['busybox', ['busybox', 'sh', '-s']],
] as const;
const usable = SHELLS.filter(([shell]) => has(shell) && has('timeout') && has('base64'));

const folder = mkdtempSync(join(tmpdir(), 'netdebug-script-'));
const bin = join(folder, 'bin');
const applets = join(folder, 'applets');
const elsewhere = join(folder, 'work');

beforeAll(() => {
  for (const path of [bin, applets, elsewhere]) mkdirSync(path);
  const tool = (name: string, text: string): void => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  };
  tool('dig', `#!/bin/sh\nfor word; do printf '<%s>\\n' "$word"; done\n`);
  // The port says what to do: end with that code, be loud for so many thousand lines, hang.
  tool(
    'nc',
    `#!/bin/sh
case $5 in
  1???) exit $(($5 - 1000)) ;;
  2???) n=0; while [ $n -lt 600 ]; do echo "$5 said this line, one of many that make up more than any pipe takes at once, number $n: $5$5$5$5$5$5$5"; n=$((n+1)); done ;;
  3???) echo begun; exec sleep 20 ;;
  4???) cat; echo "input ended" ;;
  5???) printf 'one\\n' ; printf 'two\\n' >&2; printf '\\303\\244 \\360\\237\\222\\241\\n\\n\\n' ;;
esac
`,
  );
  // A probe that hangs is ended after a moment, not after 6 s.
  const realTimeout = spawnSync('sh', ['-c', 'command -v timeout'], { encoding: 'utf8' }).stdout.trim();
  tool(
    'timeout',
    `#!/bin/sh\n[ "$1" != 20 ] || exec ${realTimeout} "$@"\n[ "$1" = 6 ] || exit 99\nshift\ncase $6 in 3???) limit=1.5 ;; *) limit=6 ;; esac\nexec ${realTimeout} $limit "$@"\n`,
  );
  tool(
    'tcpdump',
    `#!${process.execPath}
const { writeFileSync } = require('node:fs');
if (process.argv.includes('-w') === false || process.env.NO_CAPTURE) {
  console.error("tcpdump: any: You don't have permission to perform this capture on that device");
  process.exit(1);
}
process.on('SIGINT', () => process.exit(0));
process.on('SIGTERM', () => {
  console.error('4 packets captured\\n0 packets dropped by kernel');
  writeFileSync('../ENDED', '');
  process.exit(0);
});
writeFileSync(process.argv[process.argv.indexOf('-w') + 1], Buffer.from([1, 2, 3, 250]));
console.error('tcpdump: listening on any, link-type LINUX_SLL2');
setTimeout(() => process.exit(1), 5000);
`,
  );
  if (has('busybox'))
    for (const name of ['base64', 'head', 'date', 'cat', 'rm', 'sleep'])
      symlinkSync('/bin/busybox', join(applets, name));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Session {
  readonly settled: readonly SettledProbe[];
  readonly transcript: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

function play(argv: readonly string[], input: string, env: NodeJS.ProcessEnv = {}): Promise<Session> {
  const own = argv[0] === 'busybox' && existsSync('/bin/busybox') ? `${applets}:` : '';
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    cwd: elsewhere,
    env: { PATH: `${bin}:${own}${process.env.PATH}`, HOME: elsewhere, ...env },
  });
  const reader = new SessionReader();
  const settled: SettledProbe[] = [];
  let transcript = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    transcript += chunk;
    settled.push(...reader.read(chunk));
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ settled, transcript, stderr, exitCode }));
  });
}

const tcp = (id: string, port: number): ProbeSpec => ({ ...tcpSpec('10.244.1.11', port), id });
const dig = (id: string, name: string): ProbeSpec => ({ ...digSpec(name), id });
const watch = (tool: 'capture-start' | 'capture-end'): ProbeSpec => {
  const at = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;
  return {
    id: `of-${tool}`,
    kind: 'flowCaptures',
    at,
    tool,
    from: ['10.244.2.10'],
    to: ['10.244.3.11'],
    ports: [8080],
  };
};
const script = (...batches: readonly string[]): string => `${SESSION_PREAMBLE}${batches.join('')}${SESSION_END}`;

describe.skipIf(usable.length === 0).each(usable)('a session in %s', (_shell, argv) => {
  it('tells exit codes, both outputs and times under the id of each probe', { timeout: 60_000 }, async () => {
    const specs = [tcp('a', 1000), tcp('b.1', 1001), tcp('c-2', 1127), tcp('e', 5000), tcp('f', 4000), tcp('t', 3000)];
    const { settled, stderr, exitCode } = await play(argv, script(batchScript(specs, null)));
    const output = Object.fromEntries(settled.map(({ id, output }) => [id, output]));
    expect(settled.map(({ id }) => id).sort()).toEqual(['a', 'b.1', 'c-2', 'e', 'f', 't']);
    expect(output.a).toMatchObject({ exitCode: 0, text: '' });
    expect(output['b.1']).toMatchObject({ exitCode: 1, text: '' });
    expect(output['c-2']).toMatchObject({ exitCode: 127 });
    expect(output.e).toMatchObject({ exitCode: 0, text: 'one\ntwo\nä 💡' });
    expect(output.f).toMatchObject({ exitCode: 0, text: 'input ended' });
    expect(output.t).toMatchObject({ exitCode: null, text: 'begun' });
    expect(output.t?.tookMs).toBeLessThan(6000);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  it('keeps loud probes apart, each up to 64 kB', { timeout: 60_000 }, async () => {
    const specs = Array.from({ length: 8 }, (_, index) => tcp(`loud-${index}`, 2000 + index));
    const { settled, transcript } = await play(argv, script(batchScript(specs, null)));
    expect(settled).toHaveLength(8);
    for (const [index, { id }] of specs.entries()) {
      const port = String(2000 + index);
      const lines = Array.from(
        { length: 600 },
        (_, number) =>
          `${port} said this line, one of many that make up more than any pipe takes at once, number ${number}: ${port.repeat(7)}`,
      );
      const text = lines.join('\n').slice(0, 65_536);
      expect(text).toHaveLength(65_536);
      expect(settled.find((probe) => probe.id === id)?.output).toMatchObject({ exitCode: 0, text });
    }
    expect(Math.max(...transcript.split('\n').map(({ length }) => length))).toBeLessThan(1024);
  });

  it('does not wait for a slow batch before the next', { timeout: 60_000 }, async () => {
    const { settled } = await play(
      argv,
      script(batchScript([tcp('slow', 3000)], null), batchScript([tcp('fast', 1000)], null)),
    );
    expect(settled.map(({ id }) => id)).toEqual(['fast', 'slow']);
  });

  it('brings the capture of a batch after its probes', { timeout: 60_000 }, async () => {
    const { settled } = await play(argv, script(batchScript([tcp('a', 1000), tcp('b', 1001)], 'capture-1')));
    expect(
      settled
        .map(({ id }) => id)
        .slice(0, 2)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(settled.at(-1)).toMatchObject({ id: 'capture-1', output: { exitCode: 0, text: 'AQID+g==' } });
  });

  it('says why nothing was captured, and probes all the same', { timeout: 60_000 }, async () => {
    const { settled } = await play(argv, script(batchScript([tcp('a', 1000)], 'capture-1')), { NO_CAPTURE: '1' });
    expect(settled.map(({ id }) => id)).toEqual(['a', 'capture-1']);
    expect(settled.at(-1)?.output.exitCode).toBe(1);
    expect(Buffer.from(settled.at(-1)?.output.text ?? '', 'base64').toString()).toContain("don't have permission");
  });

  it('leaves a capture running between two batches', { timeout: 60_000 }, async () => {
    const { settled, stderr } = await play(
      argv,
      script(
        batchScript([watch('capture-start')], null),
        'wait\n',
        batchScript([watch('capture-end')], null),
        'wait\n',
      ),
    );
    expect(settled.map(({ id, output }) => [id, output.exitCode])).toEqual(
      [
        ['capture-start', 0],
        ['capture-end', 0],
      ].map(([id, code]) => [`of-${id}`, code]),
    );
    expect(settled[0]?.output.text).toBe('listening');
    expect(settled[1]?.output.text).toContain(
      '@@said\n4 packets captured\n0 packets dropped by kernel\n@@pcap\nAQID+g==',
    );
    expect(stderr).toBe('');
  });

  it('ends a capture with the session, when nobody asked for it', { timeout: 60_000 }, async () => {
    rmSync(join(folder, 'ENDED'), { force: true });
    await play(argv, script(batchScript([watch('capture-start')], null)));
    await expect.poll(() => existsSync(join(folder, 'ENDED')), { timeout: 5000 }).toBe(true);
  });

  it('runs nothing that is in an argument', { timeout: 60_000 }, async () => {
    const names = [
      '$(touch HIT)',
      '`touch HIT`',
      "'; touch HIT; '",
      '"; touch HIT; "',
      'a\ntouch HIT\n',
      'a & touch HIT',
      'a | touch HIT > HIT',
      '} ; touch HIT ; {',
      '$((1+1)) $PATH $IFS ~ * ? [a] {a,b} !! # \\ \\\\ \t',
      '',
      ' ',
      "it's",
      'ä 💡',
      ...fc
        .sample(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 30 }), 30)
        .map((text) => text.replaceAll('\0', '')),
      ...fc.sample(fc.string({ unit: fc.constantFrom("'", '"', '$', '(', ')', '`', '\\', '\n', ';', ' ', 'a') }), 30),
    ];
    const specs = names.map((name, index) => dig(`n${index}`, name));
    const { settled, stderr } = await play(argv, script(batchScript(specs, null)));
    for (const [index, spec] of specs.entries()) {
      const said = settled.find(({ id }) => id === `n${index}`)?.output.text;
      expect(said).toBe(
        argvOf(spec)
          .slice(1)
          .map((word) => `<${word}>`)
          .join('\n'),
      );
    }
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(stderr).toBe('');
  });
});

describe.skipIf(usable.length === 0)('the first command of a session', () => {
  it('is the best shell there is', async () => {
    const { settled, exitCode } = await play([...SESSION_ARGV], script(batchScript([tcp('a', 1003)], null)));
    expect(settled).toMatchObject([{ id: 'a', output: { exitCode: 3, text: '' } }]);
    expect(exitCode).toBe(0);
  });
});

describe('SessionReader', () => {
  const encoded = (text: string): readonly string[] =>
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  const loud = 'ä line that is long enough for several lines of base64, '.repeat(40);
  const lines = [
    ...encoded(loud).map((piece) => `+a ${piece}`),
    '=b 124 1700000000.000000 1700000006.000000',
    '+c-1 aGVsbG8=',
    'something that no probe has said',
    '',
    '=c-1 7 1700000000.100000 1700000000.350000',
    '=a 0 1700000000 1700000002',
    '=d 143 1700000000,5 1700000006,5',
    '~e one\\n two \\\\',
    '~e n\\r\\n  three  ',
    '=e 0 1700000000 1700000001',
    '',
  ];
  const whole = new SessionReader().read(lines.join('\n'));

  it('gives each probe when its last line has come', () =>
    expect(whole).toEqual([
      { id: 'b', output: { exitCode: null, text: '', tookMs: 6000 } },
      { id: 'c-1', output: { exitCode: 7, text: 'hello', tookMs: expect.closeTo(250, 0) } },
      { id: 'a', output: { exitCode: 0, text: loud, tookMs: 2000 } },
      { id: 'd', output: { exitCode: null, text: '', tookMs: 6000 } },
      { id: 'e', output: { exitCode: 0, text: 'one\n two \\n\r\n  three  ', tookMs: 1000 } },
    ]));

  it('gives the same however the stream is cut', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(lines.join('\n').length), { maxLength: 30 }), (cuts) => {
        const text = lines.join('\n');
        const reader = new SessionReader();
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(at.slice(1).flatMap((end, index) => reader.read(text.slice(at[index], end)))).toEqual(whole);
      }),
    ));

  it('survives lines that were damaged on the way', () => {
    const line = fc.oneof(
      fc.constantFrom('+a %', '+a aGVs', '~a x\\', '+a', '+', '~', '=a 0 1 2', '=a', '=', '=a x y z'),
      fc.string({ unit: fc.constantFrom('+', '=', '~', 'a', ' ', '1', '%', 'ä') }),
    );
    fc.assert(fc.property(fc.array(line), (damaged) => void new SessionReader().read(`${damaged.join('\n')}\n`)));
    expect(new SessionReader().read('+a %\n=a 0 1 2\n')[0]?.output.text).toBe('%');
  });
});

describe('shellWord', () => {
  it.each([
    ['api.shop', 'api.shop'],
    ['http://[::1]:80/', "'http://[::1]:80/'"],
    ['Host: api.shop', "'Host: api.shop'"],
    ["it's", "'it'\\''s'"],
    ['', "''"],
  ])('%s', (word, quoted) => expect(shellWord(word)).toBe(quoted));
});

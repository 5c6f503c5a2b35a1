import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from '../../src/cli/args.ts';
import { EXIT } from '../../src/cli/exit-code.ts';
import { FLAGS, type Flag } from '../../src/cli/flags.ts';
import { flagLine, helpText } from '../../src/cli/help.ts';

const words = (line: string): readonly string[] => line.split(' ').filter((word) => word !== '');
const parse = (line: string) => parseArguments(words(line));

describe('the command line', () => {
  it('without flags asks for nothing but what is safe', () =>
    expect(parse('web api:80')).toEqual({
      positionals: ['web', 'api:80'],
      namespace: undefined,
      port: null,
      protocol: null,
      access: null,
      image: undefined,
      imagePullPolicy: 'IfNotPresent',
      profile: 'auto',
      timeoutMs: 120_000,
      output: null,
      filenames: [],
      saveCheck: null,
      with: [],
      yes: false,
      record: undefined,
      replay: undefined,
      speed: null,
      tries: null,
      idle: null,
      redact: false,
      pcap: undefined,
      plain: false,
      screenReader: false,
      color: 'auto',
      verbosity: 0,
      watch: false,
      help: false,
      version: false,
      connection: {},
      requestTimeoutMs: 10_000,
    }));

  it.each([
    ['-n shop', { namespace: 'shop', connection: { namespace: 'shop' } }],
    ['--namespace=shop', { namespace: 'shop' }],
    ['--port 80', { port: 80 }],
    ['--port http', { port: 'http' }],
    ['--protocol tcp', { protocol: 'TCP' }],
    ['--protocol UDP', { protocol: 'UDP' }],
    ['--access api', { access: 'api' }],
    ['--access node', { access: 'node' }],
    ['-y', { access: 'source' }],
    ['--yes --access api', { access: 'api' }],
    ['--yes --access backend', { access: 'backend' }],
    ['--image busybox:1', { image: 'busybox:1' }],
    ['--image-pull-policy Never', { imagePullPolicy: 'Never' }],
    ['--profile restricted', { profile: 'restricted' }],
    ['-o json', { output: 'json' }],
    ['-o markdown', { output: 'markdown' }],
    ['-o html', { output: 'html' }],
    ['-o junit', { output: 'junit' }],
    ['-f a.yaml --filename b.yaml -f -', { filenames: ['a.yaml', 'b.yaml', '-'] }],
    ['--save-check flows.yaml', { saveCheck: 'flows.yaml' }],
    ['--output=text', { output: 'text' }],
    ['--pcap packets --access node', { pcap: 'packets', access: 'node' }],
    ['-o ndjson --record run.ndjson --redact', { output: 'ndjson', record: 'run.ndjson', redact: true }],
    ['--tries 50', { tries: 50 }],
    ['--replay run.ndjson --speed 4', { replay: 'run.ndjson', speed: 4 }],
    ['--replay - --speed max', { replay: '-', speed: Number.POSITIVE_INFINITY }],
    ['--plain', { plain: true }],
    ['--screen-reader', { screenReader: true }],
    ['--color never', { color: 'never' }],
    ['-v 6', { verbosity: 6 }],
    ['-h', { help: true }],
    ['--version', { version: true }],
    ['--context kind', { connection: { context: 'kind' } }],
    ['--cluster c --user u', { connection: { cluster: 'c', user: 'u' } }],
    ['--kubeconfig /etc/kube', { connection: { kubeconfig: '/etc/kube' } }],
    ['--as dev --as-group a --as-group b --as-uid 7', { connection: { as: 'dev', asGroup: ['a', 'b'], asUid: '7' } }],
    ['-s https://c:6443 --token t', { connection: { server: 'https://c:6443', token: 't' } }],
    [
      '--certificate-authority ca --client-certificate crt --client-key key',
      { connection: { certificateAuthority: 'ca', clientCertificate: 'crt', clientKey: 'key' } },
    ],
    [
      '--insecure-skip-tls-verify --tls-server-name k',
      { connection: { insecureSkipTlsVerify: true, tlsServerName: 'k' } },
    ],
  ])('takes %s, before and after the names', (flags, expected) => {
    for (const line of [`web api ${flags}`, `${flags} web api`]) {
      expect(parse(line)).toMatchObject(expected);
      expect(parse(line).positionals).toEqual(['web', 'api']);
    }
  });

  it.each([
    ['30s', 30_000],
    ['2m', 120_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['500ms', 500],
    ['45', 45_000],
  ])('takes the duration %s', (text, ms) => {
    expect(parse(`web api --timeout ${text}`).timeoutMs).toBe(ms);
    expect(parse(`web api --request-timeout ${text}`).requestTimeoutMs).toBe(ms);
  });

  it('takes a request timeout of 0, which to kubectl is none, for the usual one', () =>
    expect(parse('web api --request-timeout 0').requestTimeoutMs).toBe(10_000));

  it.each([
    ['--timeout soon', '--timeout soon: it takes a duration such as 30s, 2m or 500ms.'],
    ['--timeout 5x', '--timeout 5x: it takes a duration such as 30s, 2m or 500ms.'],
    ['--timeout 5s!', '--timeout 5s!: it takes a duration such as 30s, 2m or 500ms.'],
    ['--timeout 0', '--timeout 0: a run needs some time.'],
    ['--access root', '--access root: it takes one of api, source, backend, node.'],
    ['--tries many', '--tries many: it takes a number from 1 to 999.'],
    ['--tries 0', '--tries 0: it takes a number from 1 to 999.'],
    ['--speed 0', '--speed 0: it takes max, or a number such as 2 for twice the recorded pace.'],
    ['--output yaml', '--output yaml: it takes one of text, json, markdown, html, junit, ndjson.'],
    ['--protocol icmp', /^--protocol icmp: it takes one of tcp, udp, sctp/],
    ['--profile strong', '--profile strong: it takes one of auto, restricted, baseline, general, netadmin.'],
    [
      '--pcap packets --redact',
      '--pcap keeps packets with their real addresses, which --redact is to take out. Use one of them.',
    ],
    ['--color blue', '--color blue: it takes one of auto, always, never.'],
    ['--image-pull-policy Sometimes', '--image-pull-policy Sometimes: it takes one of IfNotPresent, Always, Never.'],
    ['--port 0', '--port: port 0 is not between 1 and 65535.'],
    ['--port 65536', '--port: port 65536 is not between 1 and 65535.'],
    ['--port a_b', '--port: "a_b" is neither a port number nor a port name.'],
    ['-v loud', '-v loud: it takes a number.'],
    ['--acess api', /--acess/],
    ['--port', /--port/],
    ['--plain=yes', /--plain/],
  ])('refuses %s', (flags, message) => {
    const attempt = () => parse(`web api ${flags}`);
    expect(attempt).toThrow(UsageError);
    if (typeof message === 'string') expect(attempt).toThrow(new UsageError(message));
    else expect(attempt).toThrow(message);
  });

  it('leaves what follows -- alone', () => expect(parse('web -- -api').positionals).toEqual(['web', '-api']));
});

describe('--idle', () => {
  it('takes seconds, which are no part of the time of the run', () =>
    expect(parse('web api --idle 400')).toMatchObject({ idle: 400, timeoutMs: 520_000 }));

  it('leaves a time that was given as it is', () =>
    expect(parse('web api --idle 40 --timeout 30s').timeoutMs).toBe(30_000));

  it.each(['4', '801', '1m', 'x'])('does not take %s', (text) =>
    expect(() => parse(`web api --idle ${text}`)).toThrow(
      `--idle ${text}: it takes a number of seconds from 5 to 800, for example --idle 400.`,
    ),
  );
});

/** The flags of the contract. */
const CONTRACT = words(
  'namespace context cluster user kubeconfig as as-group as-uid request-timeout server token certificate-authority client-certificate client-key insecure-skip-tls-verify tls-server-name output port protocol access yes image image-pull-policy profile timeout plain color help version record replay redact filename save-check watch',
);
/** Not promised: ways of kubectl, of --replay, of looking longer, and of screen readers. */
const BEYOND = ['v', 'speed', 'with', 'tries', 'idle', 'screen-reader', 'pcap'];

describe('the flags', () => {
  const names: readonly string[] = FLAGS.map(({ name }) => name);

  it('are those of the contract', () => {
    expect([...names].filter((name) => !BEYOND.includes(name)).sort()).toEqual([...CONTRACT].sort());
  });

  it('have the short forms of kubectl', () =>
    expect(
      Object.fromEntries(FLAGS.flatMap((flag: Flag) => (flag.short === undefined ? [] : [[flag.short, flag.name]]))),
    ).toEqual({
      n: 'namespace',
      f: 'filename',
      y: 'yes',
      o: 'output',
      v: 'v',
      h: 'help',
      s: 'server',
    }));
});

describe('the help', () => {
  const help = helpText();

  it('has a line for every flag', () => {
    for (const flag of FLAGS) expect(help).toContain(flagLine(flag));
    expect(flagLine({ name: 'namespace', short: 'n', value: 'NAME', help: 'where', group: 'connection' })).toBe(
      '  -n, --namespace NAME             where',
    );
    expect(flagLine({ name: 'v', short: 'v', value: 'LEVEL', help: 'how much', group: 'output' })).toBe(
      '      -v LEVEL                     how much',
    );
  });

  it('names no flag that does not exist, and only commands that parse', () => {
    for (const [, name] of help.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g))
      expect(FLAGS.map((flag) => flag.name)).toContain(name);
    for (const [, line] of help.matchAll(/^ {2}kubectl netdebug ((?!SOURCE).*?)(?: {2,}|$)/gm))
      expect(() => parse(line ?? '')).not.toThrow();
  });

  it('names every exit code', () => {
    for (const code of Object.values(EXIT)) expect(help).toMatch(new RegExp(`(^|\\D)${code} \\w`));
  });
});

it('exit codes are those of the contract', () =>
  expect(EXIT).toEqual({ healthy: 0, fault: 1, usage: 2, inconclusive: 3, 'could-not-run': 4, interrupted: 130 }));

describe('the README', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

  it('shows commands that parse', () => {
    const lines = [...readme.matchAll(/^(?:\$ )?kubectl netdebug ((?!SOURCE).*?)(?: +#.*)?$/gm)].map(
      ([, line]) => line ?? '',
    );
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) expect(() => parse(line)).not.toThrow();
  });

  it('names only flags that exist', () => {
    const own = readme.matchAll(/(?:kubectl netdebug[^\n]*|`)(?<![\w-])--([a-z][a-z-]+)/g);
    for (const [, name] of own) expect(FLAGS.map((flag) => flag.name)).toContain(name);
  });
});

import { describe, expect, it } from 'vitest';
import { readDig, readDigSearch } from '../../src/probes/dig.ts';
import { argvOf, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';
import { digSpec, recording, searchSpec } from './recording.ts';

const VERSIONS = ['9.18', '9.20'];
const API = 'api.shop.svc.cluster.local.';

/** What dig says in `Query time`, in milliseconds. */
const ASKED_MS: Readonly<Record<string, number>> = {
  noerror: 0,
  '9.18-two-addresses': 4,
  '9.20-two-addresses': 0,
  nxdomain: 0,
  servfail: 0,
  'no-data': 0,
  cname: 0,
  tcp: 0,
  'second-server': 0,
};

describe.each(VERSIONS)('dig of BIND %s', (version) => {
  const answered = { kind: 'answered', rcode: 'NOERROR', addresses: [], cnames: [], authoritative: false };

  it.each([
    ['noerror', digSpec(API), { ...answered, addresses: ['10.96.114.140'], authoritative: true }],
    ['two-addresses', digSpec('multi.shop.svc.cluster.local.'), { addresses: ['10.244.1.11', '10.244.2.11'] }],
    [
      'nxdomain',
      digSpec('nope.shop.svc.cluster.local.', '10.96.0.10'),
      { ...answered, rcode: 'NXDOMAIN', authoritative: true },
    ],
    ['servfail', digSpec('broken.example.com.'), { ...answered, rcode: 'SERVFAIL' }],
    ['no-data', digSpec('nodata.shop.svc.cluster.local.'), { ...answered, authoritative: true }],
    ['cname', digSpec('www.example.com.'), { ...answered, addresses: ['192.0.2.7'], cnames: ['lb.example.com.'] }],
    ['tcp', digSpec(API, '10.96.0.10', 'tcp'), { addresses: ['10.96.114.140'] }],
    ['second-server', digSpec(API), { addresses: ['10.96.114.140'] }],
    ['timeout', digSpec(API, '10.244.1.12'), { kind: 'timed-out' }],
    ['timeout-tcp', digSpec(API, '10.244.1.12', 'tcp'), { kind: 'timed-out' }],
    ['both-servers-fail', digSpec(API), { kind: 'timed-out' }],
    ['refused', digSpec(API, '10.244.1.11'), { kind: 'refused' }],
    ['refused-tcp', digSpec(API, '10.244.1.11', 'tcp', 54), { kind: 'refused' }],
    ['empty-resolv-conf', digSpec(API), { kind: 'refused' }],
    ['network-unreachable', digSpec(API, '192.0.2.53'), { kind: 'unreachable', text: 'network unreachable' }],
    [
      'network-unreachable-tcp',
      digSpec(API, '192.0.2.53', 'tcp'),
      { kind: 'unreachable', text: 'network unreachable' },
    ],
  ])('%s', (name, spec, outcome) => {
    const { command, output } = recording(`dig/${version}-${name}.txt`);
    const told = ASKED_MS[`${version}-${name}`] ?? ASKED_MS[name] ?? output.tookMs;
    expect(argvOf(spec).join(' ')).toBe(command);
    const reading = readDig(spec, output, command);
    expect(reading).toMatchObject({ name: spec.name, server: spec.server, transport: spec.transport, command });
    expect(reading.outcome).toMatchObject(outcome);
    // dig's own measure where it answered at once, the wall clock where it gave none or a server was waited for.
    expect(reading.tookMs).toBe(told);
  });

  const found = { rcode: 'NOERROR', addresses: ['10.96.114.140'] };
  const nothing = { rcode: 'NXDOMAIN', addresses: [] };

  it.each([
    ['search-first', 'api', [{ name: API, ...found }], found],
    [
      'search-second',
      'api.shop',
      [
        { name: 'api.shop.shop.svc.cluster.local.', ...nothing },
        { name: API, ...found },
      ],
      found,
    ],
    [
      'search-nothing',
      'nope',
      [
        { name: 'nope.shop.svc.cluster.local.', ...nothing },
        { name: 'nope.svc.cluster.local.', ...nothing },
        { name: 'nope.cluster.local.', ...nothing },
        { name: 'nope.', ...nothing },
      ],
      nothing,
    ],
    [
      'search-outside',
      'www.example.com',
      [
        { name: 'www.example.com.shop.svc.cluster.local.', ...nothing },
        { name: 'www.example.com.svc.cluster.local.', ...nothing },
        { name: 'www.example.com.cluster.local.', ...nothing },
        { name: 'www.example.com.', rcode: 'NOERROR', addresses: ['192.0.2.7'] },
      ],
      { addresses: ['192.0.2.7'], cnames: ['lb.example.com.'] },
    ],
    [
      'search-second-server',
      'api.shop',
      [
        { name: 'api.shop.shop.svc.cluster.local.', ...nothing },
        { name: API, ...found },
      ],
      found,
    ],
    ['search-timeout', 'api', [], { kind: 'timed-out' }],
  ])('%s', (name, typed, steps, outcome) => {
    const spec = searchSpec(typed);
    const { command, output } = recording(`dig/${version}-${name}.txt`);
    expect(argvOf(spec).join(' ')).toBe(command);
    const reading = readDigSearch(spec, output, command);
    expect(reading.typed).toBe(typed);
    expect(reading.steps).toEqual(steps);
    expect(reading.outcome).toMatchObject(outcome);
  });
});

describe('dig', () => {
  const spec = digSpec(API);
  const said = (exitCode: number | null, text: string) =>
    readDig(spec, { exitCode, text, tookMs: 6000 }, 'dig').outcome;

  it('timed out when our own limit ended it', () => expect(said(null, '')).toEqual({ kind: 'timed-out' }));

  it('stopped in the middle of a search when no server answers the next step', () => {
    const first = recording('dig/9.20-search-nothing.txt').output.text.split('; <<>>').slice(0, 2).join('; <<>>');
    const text = `${first};; communications error to 10.96.0.10#53: timed out\n;; no servers could be reached\n`;
    const reading = readDigSearch(searchSpec('nope'), { exitCode: 9, text, tookMs: 2010 }, 'dig');
    expect(reading.steps.map(({ name }) => name)).toEqual(['nope.shop.svc.cluster.local.']);
    expect(reading.outcome).toEqual({ kind: 'timed-out' });
  });

  it('is missing from the image', () =>
    expect(() => said(127, "timeout: failed to run command 'dig': No such file or directory")).toThrow(ToolMissing));

  it.each([
    ['nothing', ''],
    ['an option that it does not know', 'Invalid option: +showsearch\nUsage:  dig [@global-server] [domain]\n'],
  ])('says nothing of the network by printing %s', (_what, text) =>
    expect(() => said(1, text)).toThrow(UnreadableOutput),
  );
});

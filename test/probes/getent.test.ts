import { describe, expect, it } from 'vitest';
import { readGetent } from '../../src/probes/getent.ts';
import { readHosts } from '../../src/probes/hosts.ts';
import { argvOf, commandOf, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';

const at = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;
const spec = { id: 'system', kind: 'systemLookups', at, tool: 'getent', name: 'api', times: 4 } as const;
const read = (text: string, exitCode = 0) =>
  readGetent(spec, { text, exitCode, tookMs: 9 }, 'getent ahosts api').lookups;

describe('lookups by the system', () => {
  it('are found, not found or stalled, each with its time', () =>
    expect(
      read('0 100.000 100.004 10.96.0.7 10.96.0.7\n2 100.000 100.010\n124 100.000 102.001\n143 100 102\n'),
    ).toEqual([
      { outcome: 'found', addresses: ['10.96.0.7'], ms: expect.closeTo(4) },
      { outcome: 'not-found', addresses: [], ms: expect.closeTo(10) },
      { outcome: 'stalled', addresses: [], ms: expect.closeTo(2001) },
      { outcome: 'stalled', addresses: [], ms: expect.closeTo(2000) },
    ]));
  it('have times with a decimal comma in some locales', () =>
    expect(read('0 100,5 100,75 10.96.0.7\n')[0]?.ms).toBeCloseTo(250));
  it.each([
    ['no getent', '127 100 100\n', 0],
    ['no bash', '', 127],
  ])('cannot be made: %s', (_what, text, exit) => expect(() => read(text, exit)).toThrow(ToolMissing));
  it.each([
    ['nothing', ''],
    ['something else', 'usage: getent\n'],
  ])('say nothing by printing %s', (_what, text) => expect(() => read(text)).toThrow(UnreadableOutput));
  it('are shown as the command that a person would type', () => {
    expect(commandOf(spec, 'netdebug')).toBe('kubectl -n shop exec web -c netdebug -- getent ahosts api');
    expect(argvOf(spec).slice(-2)).toEqual(['api', '4']);
  });
});

describe('the hosts file', () => {
  it('as the kubelet writes it, without comments', () =>
    expect(
      readHosts({
        exitCode: 0,
        tookMs: 1,
        text: '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n10.244.2.10\tweb\n\n# by HostAliases.\n10.9.9.9\tapi\tapi.shop # pinned\n',
      }),
    ).toEqual([
      { address: '127.0.0.1', names: ['localhost'] },
      { address: '10.244.2.10', names: ['web'] },
      { address: '10.9.9.9', names: ['api', 'api.shop'] },
    ]));
  it('cannot be read', () =>
    expect(() => readHosts({ exitCode: 1, tookMs: 1, text: 'No such file' })).toThrow(UnreadableOutput));
});

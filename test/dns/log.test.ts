import { describe, expect, it } from 'vitest';
import { readDnsLog } from '../../src/dns/log.ts';

const read = (...lines: readonly string[]) => readDnsLog(lines.join('\n'), 'coredns-a', false);

describe("CoreDNS's log", () => {
  it.each([
    [
      "/etc/coredns/Corefile:13 - Error during parsing: Unknown directive 'foward'",
      { kind: 'syntax-error', corefileLine: 13 },
    ],
    [
      "[ERROR] Restart failed: Corefile:4 - Error during parsing: Unknown directive 'foward'",
      { kind: 'reload-failed', corefileLine: 4 },
    ],
    [
      '[FATAL] plugin/loop: Loop (127.0.0.1:39046 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting.',
      { kind: 'loop', address: '127.0.0.1:39046' },
    ],
    [
      '[ERROR] plugin/errors: 2 www.example.com. A: read udp 10.244.1.2:45501->192.0.2.1:53: i/o timeout',
      { kind: 'upstream-failed', address: '192.0.2.1' },
    ],
    [
      '[ERROR] plugin/errors: 2 www.example.com. A: read udp [fd00::2]:45501->[2001:db8::1]:53: read: connection refused',
      { kind: 'upstream-failed', address: '2001:db8::1' },
    ],
    [
      '[ERROR] plugin/errors: 2 www.example.com. A: concurrent queries exceeded maximum 1',
      { kind: 'too-many-queries' },
    ],
    [
      'E1121 reflector.go:205] Failed to watch *v1.Service: failed to list *v1.Service: services is forbidden: User "system:serviceaccount:kube-system:coredns" cannot list resource "services"',
      { kind: 'api-forbidden' },
    ],
    ['[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API', { kind: 'api-unreachable' }],
    ['[INFO] plugin/ready: Plugins not ready: "kubernetes"', { kind: 'api-unreachable' }],
    [
      'failed to list *v1.Namespace: Get "https://10.96.0.1:443/api/v1/namespaces": dial tcp 10.96.0.1:443: i/o timeout',
      { kind: 'api-unreachable' },
    ],
  ])('%s', (line, meaning) => expect(read(line)).toMatchObject([{ ...meaning, pod: 'coredns-a', times: 1 }]));

  it('counts the same complaint about other names and ports', () =>
    expect(
      read(
        '[ERROR] plugin/errors: 2 a.test. A: read udp 10.244.1.2:1->192.0.2.1:53: i/o timeout',
        '[ERROR] plugin/errors: 2 b.test. AAAA: read udp 10.244.1.2:2->192.0.2.1:53: i/o timeout',
        '[ERROR] plugin/errors: 2 b.test. AAAA: read udp 10.244.1.2:2->192.0.2.2:53: i/o timeout',
      ).map(({ address, times }) => [address, times]),
    ).toEqual([
      ['192.0.2.1', 2],
      ['192.0.2.2', 1],
    ]));

  it('passes over everything else', () =>
    expect(read('.:53', '[INFO] plugin/reload: Running configuration SHA512 = 1b22', 'CoreDNS-1.15.0', '')).toEqual(
      [],
    ));
});

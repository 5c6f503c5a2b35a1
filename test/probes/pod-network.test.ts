import { describe, expect, it } from 'vitest';
import { readPodNetwork } from '../../src/probes/pod-network.ts';
import { type ProbeSpec, UnreadableOutput } from '../../src/probes/probe.ts';

const spec = {
  id: 'pod-network',
  kind: 'podNetwork',
  at: { vantage: 'source', namespace: 'shop', pod: 'web' },
  tool: 'pod-network',
  address: '10.244.2.11',
} as const satisfies ProbeSpec;
const read = (text: string) => readPodNetwork(spec, { text, exitCode: 0, tookMs: 600 }, 'ip route');

describe('the network of a Pod', () => {
  it('is read from iproute2, ping, arping and ss', () =>
    expect(
      read(`@@link
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP mode DEFAULT group default
3: net1@if9: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state LOWERLAYERDOWN mode DEFAULT
@@route
default via 10.244.2.1 dev eth0
10.244.2.0/24 dev eth0 proto kernel scope link src 10.244.2.10
@@get
10.244.2.11 dev eth0 src 10.244.2.10 uid 0
@@gateway
default via 10.244.2.1 dev eth0
@@ping
3 2
@@neigh
10.244.2.1 dev eth0 lladdr 3e:21:5a:c9:11:02 STALE
@@owners
ARPING 10.244.2.11 from 10.244.2.10 eth0
Unicast reply from 10.244.2.11 [8A:11:5E:C0:00:01]  0.612ms
Unicast reply from 10.244.2.11 [02:00:00:00:00:99]  0.640ms
Unicast reply from 10.244.2.11 [8A:11:5E:C0:00:01]  0.601ms
Unicast reply from 10.244.2.11 [02:00:00:00:00:99]  0.633ms
Sent 2 probes (2 broadcast(s))
@@range
32768	60999
@@used
64 10.96.114.140:80
1 10.96.0.10:53
`),
    ).toMatchObject({
      links: [
        { name: 'eth0', isUp: true, hasCarrier: true, peerIndex: 7, mtu: 1450 },
        { name: 'net1', isUp: true, hasCarrier: false, peerIndex: 9, mtu: 1500 },
      ],
      gateway: { address: '10.244.2.1', device: 'eth0' },
      routeTo: { to: '10.244.2.11', device: 'eth0' },
      gatewayNeighbour: 'STALE',
      gatewayPing: { sent: 3, received: 2 },
      owners: ['8a:11:5e:c0:00:01', '02:00:00:00:00:99'],
      ports: {
        first: 32_768,
        last: 60_999,
        used: [
          { to: '10.96.114.140:80', sockets: 64 },
          { to: '10.96.0.10:53', sockets: 1 },
        ],
      },
    }));

  it('tells who answers from nping as well', () =>
    expect(
      read(`@@owners
SENT (0.0012s) ARP who has 10.244.2.11? Tell 10.244.2.10
RCVD (0.0013s) ARP reply 10.244.2.11 is at 8A:11:5E:C0:00:01
RCVD (0.0014s) ARP reply 10.244.2.11 is at 02:00:00:00:00:99
SENT (0.2012s) ARP who has 10.244.2.11? Tell 10.244.2.10
RCVD (0.2013s) ARP reply 10.244.2.11 is at 8A:11:5E:C0:00:01
RCVD (0.2014s) ARP reply 10.244.2.11 is at 02:00:00:00:00:99
`).owners,
    ).toEqual(['8a:11:5e:c0:00:01', '02:00:00:00:00:99']));

  it('passes over who answers once and is gone', () =>
    expect(
      read(`@@owners
ARPING 10.244.2.11 from 10.244.2.10 eth0
Unicast reply from 10.244.2.11 [02:00:00:00:00:99]  0.588ms
Unicast reply from 10.244.2.11 [8A:11:5E:C0:00:01]  0.612ms
Unicast reply from 10.244.2.11 [8A:11:5E:C0:00:01]  0.601ms
Sent 2 probes (2 broadcast(s))
`).owners,
    ).toEqual(['8a:11:5e:c0:00:01']));

  it('has no gateway and no device where the default route is gone', () =>
    expect(
      read('@@route\n@@get\nRTNETLINK answers: Network is unreachable\n@@gateway\n@@ping\n\n@@neigh\n'),
    ).toMatchObject({
      gateway: null,
      routeTo: { device: null, text: 'RTNETLINK answers: Network is unreachable' },
      gatewayNeighbour: null,
      gatewayPing: null,
      owners: [],
      ports: null,
    }));

  it('is not believed without a section', () => expect(() => read('sh: ip: not found\n')).toThrow(UnreadableOutput));
});

import { describe, expect, it } from 'vitest';
import { readNodeState } from '../../src/probes/node-state.ts';
import { UnreadableOutput } from '../../src/probes/probe.ts';
import { nodeSpec, recording } from './recording.ts';

const read = (text: string) =>
  readNodeState(nodeSpec('n2'), { exitCode: 0, text, tookMs: 40 }, 'kubectl debug node/n2');

describe('what a node prints', () => {
  const { output } = recording('node-state/iptables-1.8.11.txt');
  const state = readNodeState(nodeSpec('n2'), output, 'kubectl debug node/n2');

  it('has its kernel settings', () =>
    expect(state).toMatchObject({ node: 'n2', forwards: true, bridgeCallsIptables: true }));

  it('has its routes, and which of them the kernel refuses', () =>
    expect(state.routes.map(({ to, device, isRefused }) => [to, device, isRefused])).toEqual([
      ['10.244.1.11', 'vxlan0', false],
      ['10.244.3.11', 'eth0', false],
      ['10.244.9.9', null, true],
      ['10.244.9.8', null, true],
      ['10.244.2.10', 'cni0', false],
    ]));

  it('has the tracked connections, and the packets dropped for want of room on all processors', () =>
    expect(state.conntrack).toEqual({ entries: 212, most: 65_536, dropped: 16, insertFailed: 0 }));

  it('has the packets that lost the race for an entry, on all processors', () => {
    const head = 'entries insert insert_failed drop early_drop';
    const sysctl = 'net/netfilter/nf_conntrack_count 5\nnet/netfilter/nf_conntrack_max 9';
    const { conntrack } = read(`@@sysctl\n${sysctl}\n@@conntrack\n${head}\n5 0 1f 0 0\n5 0 2 0 0\n`);
    expect(conntrack?.insertFailed).toBe(33);
  });

  it('has what FORWARD drops; an empty variant is none', () =>
    expect(state.forward).toEqual([
      {
        variant: 'nft',
        defaultAction: 'DROP',
        policyPackets: 17,
        drops: [
          {
            rule: '-A FORWARD -s 10.244.0.0/16 -p tcp -j REJECT --reject-with icmp-port-unreachable',
            packets: 12,
          },
        ],
      },
    ]));

  it('counts the rules for Services over all variants', () => expect(state.serviceRules).toEqual({ all: 8, here: 1 }));
});

describe('a node with few tools', () => {
  it('has nulls for what could not be asked', () =>
    expect(read('@@sysctl\nnet/ipv4/ip_forward 0\n@@route\n@@conntrack\n')).toEqual({
      node: 'n2',
      forwards: false,
      bridgeCallsIptables: null,
      conntrack: null,
      routes: [],
      forward: [],
      serviceRules: null,
      serviceTargets: [],
      proxy: null,
      input: [],
      nftables: [],
      flows: [],
      drops: null,
      reversePath: [],
      overlays: [],
      hops: [],
      ways: [],
      devices: [],
      neighbours: null,
      marks: [],
      command: 'kubectl debug node/n2',
    }));

  it('has the devices on the way: the port behind a bridge, what carries an overlay, and nothing where it is not known', () => {
    const { ways, devices } = read(
      '@@hop\nneigh 10.244.2.10 10.244.2.10 cni0 lladdr 8a:11:5e:c0:00:01 REACHABLE\nway 10.244.2.10 cni0 veth2f0 -\nway 10.244.3.11 vxlan0 - eth0\nway 10.244.3.12 vxlan0 - -\n' +
        '@@device\ndevice cni0 4 1450 10.244.2.1 -\ndevice veth2f0 7 1450 - 1\ndevice eth0 2 1500 192.168.1.12 -\ndevice broken x\n',
    );
    expect(ways).toEqual([
      { to: '10.244.2.10', device: 'cni0', bridgePort: 'veth2f0', uplink: null },
      { to: '10.244.3.11', device: 'vxlan0', bridgePort: null, uplink: 'eth0' },
      { to: '10.244.3.12', device: 'vxlan0', bridgePort: null, uplink: null },
    ]);
    expect(devices).toEqual([
      { name: 'cni0', index: 4, mtu: 1450, address: '10.244.2.1', hairpin: null },
      { name: 'veth2f0', index: 7, mtu: 1450, address: null, hairpin: true },
      { name: 'eth0', index: 2, mtu: 1500, address: '192.168.1.12', hairpin: null },
    ]);
  });

  it('has Service rules in nftables alone', () =>
    expect(read('@@proxy-nftables\n1\n3\n').serviceRules).toEqual({ all: 1, here: 3 }));

  it.each(['', 'sh: syntax error\n', 'net/ipv4/ip_forward 1\n'])('is not believed when it prints %j', (text) =>
    expect(() => read(text)).toThrow(UnreadableOutput),
  );
});

describe.each(['node-state/iptables-1.8.9-rules.txt', 'node-state/iptables-1.8.11-rules.txt'])(
  'the rules in %s',
  (file) => {
    const state = readNodeState(nodeSpec('n2'), recording(file).output, 'kubectl debug node/n2');

    it('lead the Service address to Pods, each set for itself', () =>
      expect(state.serviceTargets.map(({ by, protocol, port, to }) => [by, protocol, port, to])).toEqual([
        ['iptables-nft', 'tcp', 80, ['10.244.1.11:8080', '10.244.3.11:8080']],
        ['iptables-legacy', 'tcp', 80, ['10.244.9.9:80']],
        ['nftables', 'tcp', 80, ['10.244.1.11:8080', '10.244.3.11:8080']],
      ]));

    it('drop in FORWARD and INPUT of both variants', () => {
      expect(state.forward).toEqual([
        { variant: 'nft', defaultAction: 'DROP', policyPackets: 0, drops: [] },
        {
          variant: 'legacy',
          defaultAction: 'DROP',
          policyPackets: 0,
          drops: [{ rule: '-A FORWARD -s 192.0.2.0/24 -j REJECT --reject-with icmp-port-unreachable', packets: 0 }],
        },
      ]);
      expect(state.input.map(({ variant, drops }) => [variant, drops.map(({ rule }) => rule)])).toEqual([
        ['nft', ['-A INPUT -p tcp -m tcp --dport 9100 -j DROP']],
        ['legacy', []],
      ]);
    });

    it('drop in chains of nftables; tables of policy engines and of iptables are left out', () =>
      expect(state.nftables).toEqual([
        {
          table: 'inet firewall',
          chain: 'through',
          hook: 'forward',
          defaultAction: 'drop',
          drops: [{ rule: 'tcp dport 8080 counter packets 0 bytes 0 drop', packets: 0 }],
        },
        {
          table: 'inet firewall',
          chain: 'zone',
          hook: null,
          defaultAction: null,
          drops: [{ rule: 'reject with icmpx admin-prohibited', packets: null }],
        },
        {
          table: 'inet firewall',
          chain: 'own',
          hook: 'input',
          defaultAction: 'accept',
          drops: [{ rule: 'tcp dport 9100 drop', packets: null }],
        },
      ]));

    it('stand beside the overlay and its tables', () => {
      expect(state.overlays).toEqual([
        {
          device: 'vxlan0',
          vni: 1,
          udpPort: 4789,
          hardwareAddress: '02:00:00:00:00:02',
          local: '172.18.0.12',
          learns: false,
        },
      ]);
      expect(
        state.hops.map(({ to, via, hardwareAddress, state: is, wrappedFor }) => [
          to,
          via,
          hardwareAddress,
          is,
          wrappedFor,
        ]),
      ).toEqual([
        ['10.244.1.11', '10.244.1.0', '02:00:00:00:00:01', 'PERMANENT', '172.18.0.11'],
        ['10.244.3.11', '10.244.3.0', null, null, null],
      ]);
    });

    it('stand beside the reverse path filters that are on', () =>
      expect(state.reversePath).toEqual([
        { device: 'all', mode: 2 },
        { device: 'eth0', mode: 1 },
      ]));

    it('stand beside counters of nothing', () =>
      expect(state.drops).toEqual({ tableFull: 0, insertFailed: 0, invalid: 0, reversePath: 0 }));
  },
);

describe('tracked connections', () => {
  const masked = {
    protocol: 'tcp',
    state: 'SYN_SENT',
    source: '10.244.2.10',
    sourcePort: 40112,
    destination: '198.51.100.10',
    destinationPort: 443,
    answersFrom: '198.51.100.10',
    answersFromPort: 443,
    answersTo: '172.18.0.12',
    isReplied: false,
  };

  it('are read as conntrack prints them', () =>
    expect(read(recording('node-state/iptables-1.8.11-rules.txt').output.text).flows).toEqual([
      {
        ...masked,
        destination: '10.96.114.140',
        destinationPort: 80,
        answersFrom: '10.244.9.9',
        answersFromPort: 80,
        answersTo: '10.244.2.10',
      },
      {
        ...masked,
        protocol: 'udp',
        state: null,
        sourcePort: 45_000,
        destination: '10.96.114.140',
        destinationPort: 8125,
        answersFrom: '10.244.3.77',
        answersFromPort: 8125,
        answersTo: '10.244.2.10',
      },
      {
        ...masked,
        state: 'ESTABLISHED',
        sourcePort: 41_000,
        destination: '10.244.1.11',
        destinationPort: 8080,
        answersFrom: '10.244.1.11',
        answersFromPort: 8080,
        answersTo: '10.244.2.10',
        isReplied: true,
      },
    ]));

  it('are read as /proc/net/nf_conntrack has them', () =>
    expect(
      read(
        '@@flows\nipv4     2 tcp      6 117 SYN_SENT src=10.244.2.10 dst=198.51.100.10 sport=40112 dport=443 [UNREPLIED] src=198.51.100.10 dst=172.18.0.12 sport=443 dport=40112 mark=0 zone=0 use=2\n',
      ).flows,
    ).toEqual([masked]));

  it('are none where a line is cut', () =>
    expect(read('@@flows\ntcp 6 117 SYN_SENT src=10.244.2.10 dst=198.51.100.10 sport=40112\n').flows).toEqual([]));
});

describe('what stands for more than one implementation', () => {
  it('is the table of IPVS, in hexadecimal; a weight of 0 takes no new connections', () =>
    expect(
      read(
        '@@ipvs\nTCP  0A60728C:0050 rr\n  -> 0AF4010B:1F90      Masq    1      0          0\n  -> 0AF4030B:1F90      Masq    0      0          0\n',
      ).serviceTargets,
    ).toEqual([{ by: 'ipvs', protocol: 'tcp', port: 80, to: ['10.244.1.11:8080'], rule: 'TCP  0A60728C:0050 rr' }]));

  it('is a translation in one step, as kube-proxy writes it since 1.36', () =>
    expect(
      read(
        '@@nftables-service\n10.96.114.140 . tcp . 80 : goto service-WEZGB4Y6-shop/api/tcp/http\nchain service-WEZGB4Y6-shop/api/tcp/http {\n\t\tip daddr 10.96.114.140 tcp dport 80 ip saddr != 10.244.0.0/16 counter packets 0 bytes 0\n\t\tmeta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.1.4 . 8080, 1 : 10.244.3.3 . 8080 }\n\t}\n',
      ).serviceTargets,
    ).toMatchObject([{ by: 'nftables', protocol: 'tcp', port: 80, to: ['10.244.1.4:8080', '10.244.3.3:8080'] }]));

  it('is no guess where a chain cannot be read', () =>
    expect(
      read(
        '@@nftables-service\n10.96.114.140 . tcp . 80 : goto service-WEZGB4Y6-shop/api/tcp/http\nchain service-WEZGB4Y6-shop/api/tcp/http {\n\t\tin words of tomorrow\n\t}\n',
      ).serviceTargets,
    ).toEqual([]));

  it('is a protocol as a number, where nft knows no names', () =>
    expect(read('@@nftables-service\n10.96.114.140 . 6 . 80 : goto reject-chain\n').serviceTargets).toMatchObject([
      { by: 'nftables', protocol: 'tcp', to: [] },
    ]));

  it.each([
    [
      '@@kube-proxy\niptables\n{"lastUpdated": "2026-03-02T09:59:50Z","currentTime": "2026-03-02T10:00:00Z"}\n1772445600\n',
      { mode: 'iptables', syncedAgoMs: 10_000 },
    ],
    [
      '@@kube-proxy\n\n{"lastUpdated": "2026-03-02 09:59:00.5 +0000 UTC m=+9.1"}\n1772445600\n',
      { mode: null, syncedAgoMs: 60_000 },
    ],
    ['@@kube-proxy\nipvs\n\n1772445600\n', { mode: 'ipvs', syncedAgoMs: null }],
    ['@@kube-proxy\n\n\n1772445600\n', null],
  ])('is what kube-proxy says of itself: %j', (text, proxy) => expect(read(text).proxy).toEqual(proxy));

  it('is the table of neighbours: one number of entries, refused ones added up', () =>
    expect(
      read(
        '@@sysctl\nnet/ipv4/neigh/default/gc_thresh3 1024\n@@arp\nentries  allocs  table_fulls\n00000400  00000010 00000002\n00000400  00000010 00000005\n',
      ).neighbours,
    ).toEqual({ entries: 1024, most: 1024, overflows: 7 }));

  it('is a device of another data plane', () =>
    expect(read('@@marks\ncilium_host\ncilium_net\n').marks).toEqual(['cilium_host', 'cilium_net']));
});

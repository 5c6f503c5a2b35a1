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
      command: 'kubectl debug node/n2',
    }));

  it('has Service rules in nftables alone', () =>
    expect(read('@@proxy-nftables\n1\n3\n').serviceRules).toEqual({ all: 1, here: 3 }));

  it.each(['', 'sh: syntax error\n', 'net/ipv4/ip_forward 1\n'])('is not believed when it prints %j', (text) =>
    expect(() => read(text)).toThrow(UnreadableOutput),
  );
});

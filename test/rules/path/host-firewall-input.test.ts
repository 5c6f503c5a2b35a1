import rule from '../../../src/rules/path/host-firewall-input.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiPod, connect, nodeAddress, nodeState, REFUSED, SILENT, world } from '../../support/world.ts';

const hosted = apiPod('c', { ip: nodeAddress('n3'), spec: { hostNetwork: true } });
const silent = connect(hosted, { ...SILENT, port: 9100 });
const rule9100 = '-A INPUT -p tcp -m tcp --dport 9100 -j DROP';
const input = (packets: number, dropped = rule9100) =>
  nodeState('n3', {
    input: [{ variant: 'nft', defaultAction: 'ACCEPT', policyPackets: 0, drops: [{ rule: dropped, packets }] }],
  });

ruleCases(rule, {
  fires: [
    {
      when: 'its counter moves while the connection is tried again',
      world: world({
        backendConnects: [silent],
        nodeStates: [input(12)],
        lostAgain: [silent],
        nodeStatesAfter: [input(13)],
      }),
      says: 'n3 drops what Pods send to 172.18.0.13:9100, its own address, in iptables-nft (-A INPUT -p tcp -m tcp --dport 9100 -j DROP, 1 packets while the lost connections were tried again).',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['172.18.0.13'],
      saw: ['n3: -A INPUT -p tcp -m tcp --dport 9100 -j DROP, 12 packets, then 13'],
      run: ['iptables-nft -D INPUT -p tcp -m tcp --dport 9100 -j DROP'],
    },
    {
      when: 'a rule names the port and has met packets, and nobody looked again',
      world: world({ backendConnects: [silent], nodeStates: [input(12)] }),
      says: 'n3 drops what Pods send to 172.18.0.13:9100, its own address, in iptables-nft (-A INPUT -p tcp -m tcp --dport 9100 -j DROP, 12 packets so far).',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['172.18.0.13'],
    },
    {
      when: 'a chain of nftables counts it',
      world: world({
        backendConnects: [silent],
        nodeStates: [nodeState('n3', { nftables: [chain(4)] })],
        lostAgain: [silent],
        nodeStatesAfter: [nodeState('n3', { nftables: [chain(6)] })],
      }),
      says: 'n3 drops what Pods send to 172.18.0.13:9100, its own address, in nftables inet firewall in (counter drop, 2 packets while the lost connections were tried again).',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['172.18.0.13'],
      run: ['nft -a list table inet firewall'],
    },
  ],
  silent: [
    {
      when: 'the counter stands still while the packet is lost',
      world: world({
        backendConnects: [silent],
        nodeStates: [input(12)],
        lostAgain: [silent],
        nodeStatesAfter: [input(12)],
      }),
      outcome: 'clear',
    },
    {
      when: 'it refuses: nothing listens',
      world: world({ backendConnects: [connect(hosted, { ...REFUSED, port: 9100 })], nodeStates: [input(12)] }),
      outcome: 'clear',
    },
    {
      when: 'a rule for another port has met packets',
      world: world({
        backendConnects: [silent],
        nodeStates: [input(12, '-A INPUT -p tcp -m tcp --dport 22 -j DROP')],
      }),
      outcome: 'clear',
    },
    { when: 'no backend uses the host network', world: world({ nodeStates: [input(12)] }), outcome: 'not-applicable' },
  ],
});

function chain(packets: number) {
  return {
    table: 'inet firewall',
    chain: 'in',
    hook: 'input' as const,
    defaultAction: 'accept',
    drops: [{ rule: 'counter drop', packets }],
  };
}

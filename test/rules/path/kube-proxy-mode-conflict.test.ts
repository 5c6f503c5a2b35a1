import rule from '../../../src/rules/path/kube-proxy-mode-conflict.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { connectService, daemonSet, nodeState, SILENT, serviceTargets, tracked, world } from '../../support/world.ts';

const all = ['10.244.1.11:8080', '10.244.2.11:8080', '10.244.3.11:8080'];
const byHand = {
  ...serviceTargets(['10.244.9.9:80'], 'iptables-legacy'),
  rule: '-A PREROUTING -d 10.96.114.140/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.9.9:80',
};
const sentThere = tracked({ answersFrom: '10.244.9.9', answersFromPort: 80 });
const fails = { serviceConnects: [connectService(SILENT)] };

ruleCases(rule, {
  fires: [
    {
      when: 'a rule of iptables-legacy sends elsewhere, and a connection went there',
      world: world({
        ...fails,
        nodeStates: [nodeState('n2', { serviceTargets: [serviceTargets(all), byHand], flows: [sentThere] })],
      }),
      says: "n2 holds rules in iptables-legacy that send api to 10.244.9.9:80, beside kube-proxy's own in iptables-nft, which have 10.244.1.11:8080, 10.244.2.11:8080 and 1 more: connections that meet the former are lost.",
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'n2: TCP from port 40112 to 10.96.114.140:80 was sent to 10.244.9.9:80, which has not answered',
        'n2: -A PREROUTING -d 10.96.114.140/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.9.9:80',
      ],
      run: [
        'iptables-legacy -t nat -D PREROUTING -d 10.96.114.140/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.9.9:80',
      ],
    },
    {
      when: 'chains of the iptables mode were left behind, and the mode is nftables',
      world: world({
        ...fails,
        nodeStates: [
          nodeState('n2', {
            serviceTargets: [serviceTargets(['10.244.1.77:8080']), serviceTargets(all, 'nftables')],
            proxy: { mode: 'nftables', syncedAgoMs: 4000 },
          }),
        ],
      }),
      says: "n2 holds rules in iptables-nft that send api to 10.244.1.77:8080, beside kube-proxy's own in nftables, which have 10.244.1.11:8080, 10.244.2.11:8080 and 1 more: connections that meet the former are lost.",
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'service',
    },
  ],
  silent: [
    { when: 'there is one set of rules', world: world({ ...fails, nodeStates: [nodeState('n2')] }), outcome: 'clear' },
    {
      when: 'both sets lead to the same Pods',
      world: world({
        ...fails,
        nodeStates: [
          nodeState('n2', { serviceTargets: [serviceTargets(all), serviceTargets(all, 'iptables-legacy')] }),
        ],
      }),
      outcome: 'clear',
    },
    {
      when: 'the one set is old, which is no conflict',
      world: world({
        ...fails,
        nodeStates: [nodeState('n2', { serviceTargets: [serviceTargets(['10.244.1.77:8080'])] })],
      }),
      outcome: 'clear',
    },
    {
      when: 'Antrea serves Services',
      world: world({
        ...fails,
        daemonSets: [daemonSet('antrea-agent')],
        nodeStates: [nodeState('n2', { serviceTargets: [serviceTargets(all), byHand] })],
      }),
      outcome: 'not-applicable',
    },
  ],
});

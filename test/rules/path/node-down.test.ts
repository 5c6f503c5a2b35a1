import rule from '../../../src/rules/path/node-down.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_VIP,
  answered,
  apiA,
  apiB,
  apiC,
  apiOnly,
  connect,
  connectNode,
  dnsAnswer,
  endpointsOf,
  HOST_UNREACHABLE,
  node,
  REFUSED,
  SILENT,
  world,
} from '../../support/world.ts';

const n3 = (ready: string, renewed: number) => [node('n1'), node('n2'), node('n3', { ready, renewed })];
/** A dead node answers nothing, its DNS Pod included. */
const dnsServers = [dnsAnswer(answered(API_VIP), { server: '10.244.1.2', pod: 'coredns-a' })];
const cLost = {
  dnsServers,
  backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)],
  nodeConnects: [connectNode('n1'), connectNode('n2'), connectNode('n3', SILENT)],
};

ruleCases(rule, {
  fires: [
    {
      when: 'the node is dead and everyone knows it',
      world: world({ ...cLost, nodes: n3('Unknown', 200) }),
      says: 'Node n3 does not answer (is Ready=Unknown, last reported 3 min ago); 1 of 3 endpoints live there.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: [
        'n3: Ready=Unknown, Lease renewed 3 min ago',
        'kubelet of n3: no answer in 4 s',
        'api-c 10.244.3.11:8080: no answer in 4 s',
      ],
      run: ['kubectl describe node n3', 'kubectl drain n3 --ignore-daemonsets --delete-emptydir-data --force'],
    },
    {
      when: 'the API server still believes it is well: the Lease is late',
      world: world({ ...cLost, nodes: n3('True', 27) }),
      says: 'Node n3 does not answer (last reported 27 s ago); 1 of 3 endpoints live there.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'it died seconds ago: only the probes know',
      world: world({
        dnsServers,
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, HOST_UNREACHABLE)],
        nodeConnects: [connectNode('n1'), connectNode('n3', HOST_UNREACHABLE)],
      }),
      says: 'Node n3 does not answer (last reported 4 s ago); 1 of 3 endpoints live there.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'no probe ran, and it stopped reporting',
      world: apiOnly({ nodes: n3('Unknown', 90) }),
      says: 'Node n3 stopped reporting (is Ready=Unknown, last reported 90 s ago); 1 of 3 endpoints live there.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
    },
    {
      when: 'no probe ran, and no backend lives on the node that stopped reporting',
      world: apiOnly({ nodes: n3('Unknown', 90), endpoints: endpointsOf([apiA, apiB]) }),
      says: 'Node n3 stopped reporting (is Ready=Unknown, last reported 90 s ago); 0 of 2 endpoints live there.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: null,
    },
    {
      when: 'the kubelet reports a problem while the Pods there answer',
      world: world({ nodes: n3('False', 3) }),
      says: 'Node n3 is not well (is Ready=False, last reported 3 s ago); 1 of 3 endpoints live there.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: null,
    },
  ],
  silent: [
    { when: 'every node reports and answers', world: world(), outcome: 'clear' },
    {
      when: 'the node answers at its own address while its Pods are silent: that is underlay-blocked or a policy',
      world: world({ backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] }),
      outcome: 'clear',
    },
    {
      when: 'a firewall hides the kubelet, and the Pods there answer',
      world: world({ nodeConnects: [connectNode('n1'), connectNode('n2'), connectNode('n3', SILENT)] }),
      outcome: 'clear',
    },
    {
      when: 'a backend there refuses: somebody is alive to refuse',
      world: world({ ...cLost, backendConnects: [connect(apiA), connect(apiB), connect(apiC, REFUSED)] }),
      outcome: 'clear',
    },
    {
      when: 'the nodes have no Leases, as in old clusters',
      world: world({ nodes: [{ ...node('n3'), leaseRenewedAt: null }], nodeConnects: ABSENT }),
      outcome: 'clear',
    },
  ],
});

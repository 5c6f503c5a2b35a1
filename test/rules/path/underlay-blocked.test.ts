import type { CapturePlace, FlowCapture, FlowPacket } from '../../../src/evidence/readings.ts';
import rule from '../../../src/rules/path/underlay-blocked.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  API_VIP,
  answered,
  apiA,
  apiB,
  apiC,
  CONNECTED,
  connect,
  connectNode,
  DNS_VIP,
  dnsAnswer,
  endpointsOf,
  found,
  NO_ANSWER,
  pod,
  policy,
  rejected,
  SILENT,
  searchAnswer,
  world,
} from '../../support/world.ts';

const cart = pod({ name: 'cart', node: 'n3', ip: '10.244.3.30' });
const auth = pod({ name: 'auth', node: 'n1', ip: '10.244.1.30' });
const fromA = dnsAnswer(answered(API_VIP), { server: '10.244.1.2', pod: 'coredns-a' });
const nothingFrom = (name: 'coredns-a' | 'coredns-b') =>
  dnsAnswer(NO_ANSWER, { server: name === 'coredns-a' ? '10.244.1.2' : '10.244.3.2', pod: name });

const n3Dark = {
  backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)],
  controlConnects: [connect(cart, { port: 6379, ...SILENT })],
  dnsServers: [dnsAnswer(answered(API_VIP), { server: DNS_VIP }), fromA, nothingFrom('coredns-b')],
};
const syn = (device: string, isOut: boolean): FlowPacket => ({
  ...{ atMs: 0, device, isOut, isWrapped: false, sequence: 1000, acknowledged: 0, bytes: 0 },
  ...{ source: '10.244.2.10', sourcePort: 20_007, destination: '10.244.3.11', destinationPort: 8080 },
  flags: { syn: true, ack: false, rst: false, fin: false },
});
const captured = (place: CapturePlace, ...packets: readonly FlowPacket[]): FlowCapture => ({
  ...{ place, packets, isWhole: true, errors: [], tunnels: ['vxlan0'], command: 'tcpdump' },
});
const denyAll = policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] });

ruleCases(rule, {
  fires: [
    {
      when: 'every Pod of one node is silent and the node is not',
      world: world(n3Dark),
      says: 'Nothing that Pods on n2 send to Pods on node n3 comes back, while the node itself answers at 172.18.0.13: the network between the nodes drops Pod traffic.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: [
        'api-c on n3 (10.244.3.11:8080): no answer in 4 s',
        'cart on n3 (10.244.3.30:6379): no answer in 4 s',
        'coredns-b on n3 (DNS over UDP): no answer',
        'node n3 itself: connected in 0.8 ms',
        'api-a on n1 (10.244.1.11:8080): connected in 0.9 ms, HTTP 200',
      ],
      run: ['kubectl get nodes -o wide', 'kubectl get pods -A -o wide --field-selector spec.nodeName=n3'],
    },
    {
      when: 'every node but its own is dark: the node of the source is cut off',
      world: world({
        backendConnects: [connect(apiA, SILENT), connect(apiB), connect(apiC, SILENT)],
        controlConnects: [connect(auth, SILENT), connect(cart, SILENT)],
        dnsServers: [nothingFrom('coredns-a'), nothingFrom('coredns-b')],
        nameLookup: dnsAnswer(NO_ANSWER),
        searchLookup: searchAnswer('api', NO_ANSWER),
      }),
      says: 'Nothing that Pods on n2 send to Pods on any other node comes back, while the nodes themselves answer: the network between the nodes drops Pod traffic.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'name',
      addresses: ['10.244.1.11', '10.244.3.11'],
    },
    {
      when: 'only one Pod there could be tried, but it passes its readiness probe',
      world: world({ ...n3Dark, controlConnects: [], dnsServers: [fromA] }),
      says: 'Nothing that Pods on n2 send to Pods on node n3 comes back, while the node itself answers at 172.18.0.13: the network between the nodes drops Pod traffic.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'a policy closes the backends as well: the Pods it does not select tell',
      world: world({
        ...n3Dark,
        policies: [denyAll],
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
        controlConnects: [connect(cart, SILENT), connect(auth, CONNECTED)],
      }),
      says: 'Nothing that Pods on n2 send to Pods on node n3 comes back, while the node itself answers at 172.18.0.13: the network between the nodes drops Pod traffic.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    { when: 'packets cross to every node', world: world(), outcome: 'clear' },
    {
      when: 'the node is silent at its own address too: that is node-down',
      world: world({ ...n3Dark, nodeConnects: [connectNode('n1'), connectNode('n2'), connectNode('n3', SILENT)] }),
      outcome: 'clear',
      because: 'n3 is silent at the node address too',
    },
    {
      when: 'a packet was captured that had crossed: what drops it is on that node',
      world: world({
        ...n3Dark,
        captureShot: { ...connect(apiC, SILENT), localPort: 20_007 },
        flowCaptures: [
          captured({ kind: 'source', name: 'web' }, syn('eth0', true)),
          captured({ kind: 'node', name: 'n3' }, { ...syn('eth0', false), isWrapped: true }, syn('vxlan0', false)),
          captured({ kind: 'backend', name: 'api-c' }),
        ],
      }),
      outcome: 'clear',
      because: 'what was sent to 10.244.3.11 crossed to the other node',
    },
    {
      when: 'another Pod on that node answers: only one Pod is silent',
      world: world({ ...n3Dark, controlConnects: [connect(cart, CONNECTED)] }),
      outcome: 'clear',
    },
    {
      when: 'a policy closes the silent backends, and the Pods beside them answer',
      world: world({
        policies: [denyAll],
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
        controlConnects: [connect(cart, CONNECTED), connect(auth, CONNECTED)],
      }),
      outcome: 'clear',
    },
    {
      when: 'the source may send nothing at all: lookups and controls get lost to its own policy',
      world: world({
        policies: [policy('no-egress', { podSelector: {}, policyTypes: ['Egress'] })],
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
        controlConnects: [connect(cart, SILENT), connect(auth, SILENT)],
        dnsServers: [nothingFrom('coredns-a'), nothingFrom('coredns-b')],
      }),
      outcome: 'clear',
    },
    {
      when: 'a policy closes a control Pod that is known',
      world: world({
        policies: [denyAll],
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
        neighbours: [cart],
        controlConnects: [connect(cart, SILENT)],
        dnsServers: [fromA],
      }),
      outcome: 'clear',
    },
    {
      when: 'somebody refuses on the way: that is not silence',
      world: world({
        ...n3Dark,
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, rejected('10.244.3.1'))],
      }),
      outcome: 'clear',
    },
    {
      when: 'one Pod was tried at all: too little to tell a node from a Pod',
      world: world({
        endpoints: endpointsOf([apiC]),
        backendConnects: [connect(apiC, SILENT)],
        dnsServers: [],
      }),
      outcome: 'unsure',
      needs: 'node',
    },
    {
      when: 'the source uses the host network: its packets are not encapsulated the same way',
      world: world({ ...n3Dark, sourcePod: found(pod({ name: 'web', spec: { hostNetwork: true } })) }),
      outcome: 'not-applicable',
    },
    {
      when: 'the source Pod is on no node',
      world: world({ ...n3Dark, sourcePod: found(pod({ name: 'web', node: null })) }),
      outcome: 'not-applicable',
    },
  ],
});

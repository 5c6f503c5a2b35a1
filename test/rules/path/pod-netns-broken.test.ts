import rule from '../../../src/rules/path/pod-netns-broken.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiC,
  connect,
  connectNode,
  connectService,
  dnsAnswer,
  found,
  HOST_UNREACHABLE,
  NO_ANSWER,
  pod,
  podNetwork,
  rejected,
  SILENT,
  world,
} from '../../support/world.ts';

const NO_ROUTE = { outcome: { kind: 'net-unreachable', ms: 0.2 }, exchange: { kind: 'none' } } as const;
const all = (change: Parameters<typeof connect>[1]) => ({
  backendConnects: API_PODS.map((api) => connect(api, change)),
  serviceConnects: [connectService(change)],
  nodeConnects: [connectNode('n1', change), connectNode('n3', change)],
});

ruleCases(rule, {
  fires: [
    {
      when: 'the default route is gone',
      world: world({
        ...all(NO_ROUTE),
        nameLookup: dnsAnswer(NO_ANSWER),
        podNetwork: podNetwork({
          gateway: null,
          gatewayNeighbour: null,
          gatewayPing: null,
          routeTo: { to: '10.244.3.11', device: null, text: 'RTNETLINK answers: Network is unreachable' },
        }),
      }),
      says: 'web cannot reach anything outside its own subnet: it has no default route.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      saw: ['ip route get 10.244.3.11: RTNETLINK answers: Network is unreachable'],
    },
    {
      when: 'the other end of its cable is down',
      world: world({
        ...all(HOST_UNREACHABLE),
        podNetwork: podNetwork({ links: [{ name: 'eth0', isUp: true, hasCarrier: false }] }),
      }),
      says: 'web cannot reach anything: eth0 has no carrier: the other end, on the node, is down or gone.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'path',
    },
    {
      when: 'its gateway is not there: off the bridge',
      world: world({
        ...all(HOST_UNREACHABLE),
        podNetwork: podNetwork({ gatewayNeighbour: 'FAILED', gatewayPing: { sent: 3, received: 0 } }),
      }),
      says: 'web cannot reach anything: its gateway 10.244.2.1 does not answer on eth0.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'path',
      saw: ['neighbour 10.244.2.1 is FAILED, 0 of 3 pings answered'],
    },
    {
      when: 'a second network card takes over the range',
      world: world({
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)],
        podNetwork: podNetwork({
          links: [
            { name: 'eth0', isUp: true, hasCarrier: true },
            { name: 'net1', isUp: true, hasCarrier: true },
          ],
          routeTo: { to: '10.244.3.11', device: 'net1', text: '10.244.3.11 dev net1 src 192.168.7.4' },
        }),
      }),
      says: 'web cannot reach 10.244.3.11: its packets go out by net1 instead of eth0.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'path',
    },
  ],
  silent: [
    {
      when: 'its gateway answers: whatever is lost, is lost beyond it',
      world: world({ ...all(SILENT), podNetwork: podNetwork() }),
      outcome: 'clear',
      because: 'its links are up, it has a route, and its gateway is there',
    },
    {
      when: 'it was asked for an IPv6 address and has none itself',
      world: world({
        ...all(SILENT),
        podNetwork: podNetwork({
          routeTo: { to: 'fd00:96::7', device: null, text: 'RTNETLINK answers: Network is unreachable' },
        }),
      }),
      outcome: 'clear',
    },
    {
      when: 'the gateway answers no ping and is there all the same',
      world: world({ ...all(SILENT), podNetwork: podNetwork({ gatewayPing: { sent: 3, received: 0 } }) }),
      outcome: 'clear',
    },
    {
      when: 'something comes back: a refusal by somebody on the way',
      world: world({
        ...all(SILENT),
        backendConnects: [connect(apiA, rejected('10.244.2.1'))],
        podNetwork: podNetwork({ gatewayNeighbour: 'FAILED', gatewayPing: null }),
      }),
      outcome: 'clear',
    },
    {
      when: 'the source stands on the host network: the routes are those of its node',
      world: world({
        ...all(SILENT),
        sourcePod: found(pod({ name: 'web', spec: { hostNetwork: true } })),
        podNetwork: podNetwork({ gateway: null }),
      }),
      outcome: 'not-applicable',
    },
  ],
});

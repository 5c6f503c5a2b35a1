import rule from '../../../src/rules/path/cidr-overlap.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  apiA,
  apiB,
  apiC,
  connect,
  connectAddress,
  HOST_UNREACHABLE,
  node,
  nodeState,
  routeTo,
  SILENT,
  world,
} from '../../support/world.ts';

const OUT = '198.51.100.10';
const lost = { backendConnects: [connectAddress(OUT, 443, HOST_UNREACHABLE)] };
const goes = (device: string) => nodeState('n2', { routes: [routeTo('10.244.2.10', 'cni0'), routeTo(OUT, device)] });
const twice = [node('n1'), node('n2'), { ...node('n3'), spec: { podCIDRs: ['10.244.1.0/24'] } }];

ruleCases(rule, {
  fires: [
    {
      when: "the node's route to an address outside goes by the bridge for Pods",
      world: world({ ...lost, nodeStates: [goes('cni0')] }),
      says: '198.51.100.10:443 lies in a range that is used inside, by cni0 of n2: n2 never sends packets for it out.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'path',
      addresses: [OUT],
      saw: ['n2: 198.51.100.10 by cni0'],
    },
    {
      when: 'it goes by docker0',
      world: world({ ...lost, nodeStates: [goes('docker0')] }),
      says: '198.51.100.10:443 lies in a range that is used inside, by docker0 of n2: n2 never sends packets for it out.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'path',
      addresses: [OUT],
    },
    {
      when: 'it lies in the range of Services, and the node was not looked at',
      world: world({ ...lost, serviceCidrs: ['198.51.0.0/16'] }),
      says: "198.51.100.10:443 lies in a range that is used inside, by the cluster's Services (198.51.0.0/16): n2 never sends packets for it out.",
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'path',
      addresses: [OUT],
    },
    {
      when: 'two nodes have the same range',
      world: world({ backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)], nodes: twice }),
      says: 'n1 and n3 both give their Pods addresses of 10.244.1.0/24: packets for 10.244.3.11 go to one of them, whoever has it.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['10.244.1.0/24: n1, n3'],
    },
  ],
  silent: [
    {
      when: 'the route goes out: filtered on the way',
      world: world({ ...lost, nodeStates: [goes('eth0')] }),
      outcome: 'clear',
    },
    {
      when: 'each node has a range of its own',
      world: world({ backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] }),
      outcome: 'clear',
    },
    { when: 'two nodes share a range and everything answers', world: world({ nodes: twice }), outcome: 'clear' },
  ],
});

import rule from '../../../src/rules/path/vxlan-vtep-stale.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, hop, nodeState, overlay, SILENT, world } from '../../support/world.ts';

const farIsLost = { backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] };
const far = nodeState('n3', { overlays: [overlay('n3')], hops: [hop('10.244.2.10', 'n2')] });
const own = (change: Parameters<typeof hop>[2] = {}, device: Parameters<typeof overlay>[1] = {}) =>
  nodeState('n2', { overlays: [overlay('n2', device)], hops: [hop('10.244.3.11', 'n3', change)] });
const common = { subject: 'Node n2', confidence: 'proven', blocks: 'path', addresses: ['10.244.3.11'] } as const;

ruleCases(rule, {
  fires: [
    {
      ...common,
      when: "the hardware address is not the other device's",
      world: world({ ...farIsLost, nodeStates: [own({ hardwareAddress: '02:00:00:00:00:ff' }), far] }),
      says: 'n2 sends packets for Pods on n3 to 02:00:00:00:00:ff; the VXLAN device of n3 is 02:00:00:00:00:03.',
      saw: ['n2: neighbour 10.244.3.0 is 02:00:00:00:00:ff; n3: vxlan0 is 02:00:00:00:00:03'],
    },
    {
      ...common,
      when: 'the forwarding entry is gone',
      world: world({ ...farIsLost, nodeStates: [own({ wrappedFor: null }), far] }),
      says: 'n2 does not know which node 02:00:00:00:00:03 is, the next hop to Pods on n3: vxlan0 drops what is sent to them.',
      saw: ['n2: no forwarding entry for 02:00:00:00:00:03 on vxlan0'],
    },
    {
      ...common,
      when: 'the neighbour is gone',
      world: world({
        ...farIsLost,
        nodeStates: [own({ hardwareAddress: null, state: 'FAILED', wrappedFor: null }), far],
      }),
      says: 'n2 does not know the hardware address of 10.244.3.0, the next hop to Pods on n3: nothing is sent to them.',
      saw: ['n2: neighbour 10.244.3.0 on vxlan0: FAILED'],
    },
    {
      ...common,
      when: 'packets are wrapped for another node, and the other node was not looked at',
      world: world({ ...farIsLost, nodeStates: [own({ wrappedFor: '172.18.0.99' })] }),
      says: 'n2 wraps packets for Pods on n3 for 172.18.0.99, and n3 is 172.18.0.13.',
    },
    {
      ...common,
      when: 'the network identifiers differ',
      world: world({ ...farIsLost, nodeStates: [own({}, { vni: 4096 }), far] }),
      says: 'The VXLAN devices of n2 and n3 have different network identifiers (4096 and 1): each throws away what the other sends.',
    },
    {
      ...common,
      when: 'the way back is wrong',
      subject: 'Node n3',
      world: world({
        ...farIsLost,
        nodeStates: [own(), { ...far, hops: [hop('10.244.2.10', 'n2', { wrappedFor: null })] }],
      }),
      says: 'n3 does not know which node 02:00:00:00:00:02 is, the next hop to Pods on n2: vxlan0 drops what is sent to them.',
    },
  ],
  silent: [
    { when: 'all tables agree', world: world({ ...farIsLost, nodeStates: [own(), far] }), outcome: 'clear' },
    {
      when: 'the device learns by itself who is where',
      world: world({ ...farIsLost, nodeStates: [own({ wrappedFor: null }, { learns: true }), far] }),
      outcome: 'clear',
    },
    {
      when: 'everything answers',
      world: world({ nodeStates: [own({ wrappedFor: null }), far] }),
      outcome: 'clear',
    },
    {
      when: 'there is no VXLAN device',
      world: world({ ...farIsLost, nodeStates: [nodeState('n2')] }),
      outcome: 'not-applicable',
    },
  ],
});

import rule from '../../../src/rules/path/vxlan-csum-offload.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, nodeState, overlay, SILENT, world } from '../../support/world.ts';

const lost = connect(apiC, SILENT);
const own = nodeState('n2', { overlays: [overlay('n2')] });
const far = (invalid: number, dropped = 0) =>
  nodeState('n3', {
    overlays: [overlay('n3')],
    drops: { tableFull: 0, insertFailed: 0, invalid, reversePath: 0 },
    forward: [
      {
        variant: 'nft',
        defaultAction: 'ACCEPT',
        policyPackets: 0,
        drops: [{ rule: '-A FORWARD -m conntrack --ctstate INVALID -j DROP', packets: dropped }],
      },
    ],
  });
const lostAgain = { backendConnects: [connect(apiA), connect(apiB), lost], lostAgain: [lost] };

ruleCases(rule, {
  fires: [
    {
      when: 'invalid packets are counted where they come out',
      world: world({ ...lostAgain, nodeStates: [own, far(5)], nodeStatesAfter: [own, far(6)] }),
      says: 'What n2 sends to Pods on n3 arrives there by vxlan0 and is invalid (1 packets while the lost connections were tried again), as with a checksum that was left to hardware which does not fill it in.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n3: 1 packets were invalid while the lost connections were tried again'],
      run: ['ethtool -K vxlan0 tx-checksum-ip-generic off'],
    },
  ],
  silent: [
    {
      when: 'the counter stands still',
      world: world({ ...lostAgain, nodeStates: [own, far(5)], nodeStatesAfter: [own, far(5)] }),
      outcome: 'clear',
    },
    {
      when: 'a rule of the firewall dropped them',
      world: world({ ...lostAgain, nodeStates: [own, far(5, 3)], nodeStatesAfter: [own, far(6, 4)] }),
      outcome: 'clear',
    },
    {
      when: 'there is no overlay',
      world: world({ ...lostAgain, nodeStates: [nodeState('n2'), far(5)], nodeStatesAfter: [far(6)] }),
      outcome: 'not-applicable',
    },
  ],
});

import { endpoint } from '../../derive/connects.ts';
import { proxyReplacement } from '../../derive/data-plane.ts';
import { protocolOf } from '../../derive/service-port.ts';
import { type RuleView, viewRules } from '../../derive/service-rules.ts';
import { viewService } from '../../derive/service-view.ts';
import { found } from '../../evidence/collected.ts';
import type { TrackedFlow } from '../../evidence/readings.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { someNames } from '../support/backends.ts';
import { flowProof } from '../support/nodes.ts';

export default defineRule({
  id: 'udp-conntrack-stale',
  rung: 'P',
  title: 'A UDP sender is tied to a Pod that is gone',
  needs: ['sourcePod', 'service', 'endpoints', 'nodeStates'],
  uses: ['nodes', 'daemonSets', 'nodeStatesAfter'],
  lookAlikes: ['kube-proxy-stale', 'netpol-default-deny-ingress'],
  explains: [],
  judge(facts, { flow }) {
    const views = (found(facts.service)?.spec.ports ?? [])
      .filter((port) => protocolOf(port) === 'UDP')
      .flatMap(({ port }) => viewRules(facts, { ...flow, port, protocol: 'UDP' }) ?? []);
    const [any] = views;
    if (any === undefined) return notApplicable('the Service has no UDP port whose connections were looked at');
    const view = views.find((one) => tiedFlows(one).length > 0) ?? any;
    const { node, state, expected, address, port } = view;
    const other = proxyReplacement(facts.daemonSets, state);
    if (other !== null) return notApplicable(`${other} may serve Services here, and keeps connections elsewhere`);
    const name = view.service.metadata.name;
    const tied = tiedFlows(view);
    const [first] = tied;
    if (first === undefined || expected.length === 0)
      return clear(`${node} sends every UDP connection of the source to a Pod that is there`);
    const target = endpoint(first.answersFrom, first.answersFromPort);
    const isBare = first.answersFrom === address;
    // New connections follow the rules: where these are old as well, all senders fail, not this one.
    const own = view.sets.find(({ isActive }) => isActive);
    const rulesAreRight = own !== undefined && own.strangers.length === 0 && own.missing.length === 0;
    if (!rulesAreRight) return clear(`the rules of ${node} are old themselves`);
    return faults(
      [
        {
          subject: { kind: 'Service', namespace: view.service.metadata.namespace ?? '', name },
          summary: `UDP from port ${first.sourcePort} of the source to ${name} (${endpoint(address, port)}) is tied to ${isBare ? 'no Pod at all, from a time when there was none' : `${target}, which is no backend any more`}, and every packet keeps it so; new connections go to ${someNames(own.to)}.`,
          confidence: 'proven',
          // The flow that was asked about may be another port of the Service.
          blocks: viewService(facts.service, facts.endpoints, flow)?.protocol === 'UDP' ? 'service' : null,
          evidence: [
            flowProof(state, tied, [target]),
            {
              vantage: 'node' as const,
              command: `${state.command} -- sh -c 'iptables-save -t nat | grep ${address}; nft list map ip kube-proxy service-ips'`,
              saw: `${node}: rules for ${endpoint(address, port)} lead to ${own.to.join(', ')}`,
            },
          ].filter((proof) => proof !== null),
          ruledOut: [{ id: 'kube-proxy-stale', because: 'its rules say what the EndpointSlices say' }],
          fix: [
            {
              say: `On ${node}, forget the connection: its next packet makes a new one`,
              run: `conntrack -D -p udp --orig-dst ${address}`,
            },
            { say: 'Or restart the sender, if it then uses another source port' },
            { say: 'A newer kube-proxy clears such entries by itself when endpoints go' },
          ],
        },
      ],
      '',
    );
  },
});

/** UDP of the source to this port that has had no answer and was sent to an address that no slice has. */
function tiedFlows({ flows, expected }: RuleView): readonly TrackedFlow[] {
  return flows.filter(
    ({ protocol, isReplied, answersFrom, answersFromPort }) =>
      protocol === 'udp' && !isReplied && !expected.includes(endpoint(answersFrom, answersFromPort)),
  );
}

import { endpoint } from '../../derive/connects.ts';
import { DENIAL_NEEDS, DENIAL_USES, type Denial } from '../../derive/denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { found } from '../../evidence/collected.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, peersText, ruleText } from '../support/denied.ts';

export default defineRule({
  id: 'netpol-ipblock-snat-source',
  rung: 'N',
  title: 'A policy admits the client, but the node puts its own address in its place',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-default-deny-ingress', 'netpol-hostnetwork-peer', 'kube-proxy-down', 'underlay-blocked'],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'replaced-source',
      say: (denial, { source }) => {
        const { via, flow } = denial;
        const service = targetName(context.flow);
        const local = found(facts.service)?.spec.externalTrafficPolicy === 'Local';
        const node = flow.source.name;
        const why = local
          ? `${source.metadata.name} leaves ${source.spec.nodeName ?? 'its node'} in the name of that node`
          : `${via?.node ?? 'the node'} sends on in its own name what comes in at ${endpoint(via?.address ?? '', via?.port ?? 0)}`;
        return {
          summary: `${ruleText(denial)} admits ${admitted(denial, source.metadata.name)}, but ${why}: ${peersText(denial)} of ${service} ${denial.peers.length === 1 ? 'sees' : 'see'} ${node} (${flow.source.addresses.join(' or ')}), which no rule admits.`,
          after: [
            { say: `That admits whoever comes through ${node}, from inside of the cluster and from outside` },
            ...(local
              ? []
              : [
                  {
                    say: `Or let Service ${service} keep the address of its clients (externalTrafficPolicy: Local); then only nodes that run a Pod of ${service} answer`,
                  },
                ]),
            {
              say: `A client inside of the cluster does better to ask ${service} by its name, which keeps its address`,
            },
          ],
        };
      },
      otherwise: 'no rule admits a source whose address a node replaces',
    }),
});

/** "10.244.2.10/32, which is web", "10.244.2.0/24, which holds web", "web by its labels". */
function admitted({ nearest }: Denial, source: string): string {
  const block = nearest?.peer?.ipBlock?.cidr;
  if (block !== undefined) return `${block}, which ${/\/(32|128)$/.test(block) ? 'is' : 'holds'} ${source}`;
  return nearest?.peer === null || nearest === null ? source : `${source} by its labels`;
}

import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, ruleText } from '../support/denied.ts';
import { unresolvedPort } from '../support/near.ts';

export default defineRule({
  id: 'netpol-named-port-unresolved',
  rung: 'N',
  title: 'A policy names a port that the Pods do not have',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'netpol-port-is-service-port',
    'named-targetport-missing',
    'netpol-default-deny-ingress',
    'underlay-blocked',
  ],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'named-port',
      say: (denial, denials) => {
        const port = unresolvedPort(denial, denials);
        const { destination } = denial.flow;
        const declared = destination.ports.find(
          ({ name, protocol }) => name === port?.port && (protocol ?? 'TCP') === (port?.protocol ?? 'TCP'),
        );
        const resolves =
          declared === undefined
            ? `but ${destination.name} declares no ${port?.protocol ?? 'TCP'} port of that name, so the rule matches nothing`
            : `which is ${declared.containerPort} in ${destination.name}`;
        return {
          summary: `${ruleText(denial)} admits the port named ${port?.port ?? ''}, ${resolves}; traffic to ${targetName(context.flow)} arrives on ${denial.protocol} ${denial.port}.`,
        };
      },
      otherwise: 'every port name of a near rule is that of the Pods',
    }),
});

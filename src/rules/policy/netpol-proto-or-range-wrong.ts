import { wrongProtocol } from '../../derive/denial-kind.ts';
import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, ruleText } from '../support/denied.ts';
import { portsOf, portsText } from '../support/near.ts';

export default defineRule({
  id: 'netpol-proto-or-range-wrong',
  rung: 'N',
  title: 'A policy rule has the wrong protocol or range of ports',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['protocol-mismatch', 'netpol-port-is-service-port', 'netpol-default-deny-ingress', 'underlay-blocked'],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'protocol-or-range',
      say: (denial) => {
        const wrong = portsOf(denial).find((port) => wrongProtocol(port, denial.flow));
        const why =
          wrong === undefined
            ? 'which is outside of that range'
            : wrong.protocol === undefined
              ? 'and a rule without a protocol means TCP'
              : 'which is another protocol';
        return {
          summary: `${ruleText(denial)} admits ${portsText(denial)}; traffic to ${targetName(context.flow)} arrives on ${denial.protocol} ${denial.port}, ${why}.`,
        };
      },
      otherwise: 'no near rule fails by its protocol or range alone',
    }),
});

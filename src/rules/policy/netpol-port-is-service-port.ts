import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { defineRule } from '../rule.ts';
import { judgeDenials, ruleText } from '../support/denied.ts';
import { portsText } from '../support/near.ts';

export default defineRule({
  id: 'netpol-port-is-service-port',
  rung: 'N',
  title: "A policy names the Service's port instead of the Pods'",
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-named-port-unresolved', 'targetport-wrong', 'netpol-default-deny-ingress', 'underlay-blocked'],
  explains: [],
  judge: (facts, context) =>
    judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'service-port',
      say: (denial, { servicePort }) => ({
        summary: `${ruleText(denial)} admits ${portsText(denial)}, but traffic to ${targetName(context.flow)}:${servicePort?.port ?? ''} arrives at the Pods on ${denial.protocol} ${denial.port}: a policy sees the Pod's port, after the Service has translated it.`,
      }),
      otherwise: "no rule fails by the Service's port alone",
    }),
});

import { DENIAL_NEEDS, DENIAL_USES, findDenials } from '../../derive/denials.ts';
import { portText } from '../../netpol/evaluate.ts';
import { defineRule, notApplicable } from '../rule.ts';
import { denied, targetName, unlessUnread } from '../support/denied.ts';

export default defineRule({
  id: 'netpol-port-is-service-port',
  rung: 'N',
  title: "A policy names the Service's port instead of the Pods'",
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: ['netpol-named-port-unresolved', 'targetport-wrong', 'netpol-default-deny-ingress', 'underlay-blocked'],
  explains: [],
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    if (denials === null) return notApplicable('the source Pod does not exist');
    const mine = denials.application.filter((denial) => denial.kind === 'service-port');
    return unlessUnread(
      mine.map((denial) => {
        const ports = (denial.nearest?.misses ?? []).flatMap((miss) => (miss.term === 'port' ? miss.ports : []));
        const index = ports.findIndex((port) => port.port === denials.servicePort?.port);
        const rule = denial.nearest?.rule ?? 0;
        const service = targetName(context.flow);
        const patch = [
          { op: 'replace', path: `/spec/${denial.direction}/${rule}/ports/${index}/port`, value: denial.port },
        ];
        return {
          ...denied(denial, denials, context),
          summary: `Rule ${rule + 1} of NetworkPolicy ${denial.policy.metadata.name} (${denial.direction}) admits ${ports.map(portText).join(', ')}, but traffic to ${service}:${denials.servicePort?.port ?? ''} arrives at the Pods on ${denial.protocol} ${denial.port}: a policy sees the Pod's port, after the Service has translated it.`,
          fix: [
            {
              say: `Replace port ${ports[index]?.port ?? ''} by ${denial.port} in that rule`,
              run: `kubectl -n ${denial.policy.metadata.namespace} patch networkpolicy ${denial.policy.metadata.name} --type=json -p '${JSON.stringify(patch)}'`,
            },
          ],
        };
      }),
      denials.unread.application,
      "no rule fails by the Service's port alone",
    );
  },
});

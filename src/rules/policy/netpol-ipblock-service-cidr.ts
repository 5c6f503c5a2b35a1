import { serviceAddresses } from '../../derive/backends.ts';
import { endpoint } from '../../derive/connects.ts';
import { DENIAL_NEEDS, DENIAL_USES, type Denial, findDenials } from '../../derive/denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { found } from '../../evidence/collected.ts';
import { defineRule, notApplicable } from '../rule.ts';
import { denied, isOneOmission, isUnenforced, judgeDenials, ruleText, unlessUnread } from '../support/denied.ts';
import { dnsFixSteps } from '../support/fix.ts';

export default defineRule({
  id: 'netpol-ipblock-service-cidr',
  rung: 'N',
  title: 'An egress policy names the address of a Service, which policies do not see',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'netpol-default-deny-egress',
    'netpol-ipblock-ignored-identity',
    'netpol-egress-dns-missing',
    'underlay-blocked',
  ],
  explains: [],
  judge(facts, context) {
    const denials = findDenials(facts, context.flow);
    if (denials === null) return notApplicable('the source Pod does not exist');
    const summary = (denial: Denial, address: string, whose: string): string =>
      `${ruleText(denial)} admits ${denial.nearest?.peer?.ipBlock?.cidr ?? ''}, which holds ${address}, the Service address of ${whose}; policies see packets after the Service has translated them, on their way to ${endpoint(denial.addresses[0] ?? '', denial.port)}.`;
    const service = found(facts.service);
    const target = service === null ? '' : (serviceAddresses(service)[0] ?? '');
    const application = judgeDenials(facts, context, {
      mine: ({ kind }) => kind === 'service-block',
      say: (denial) => ({ summary: summary(denial, target, targetName(context.flow)) }),
      otherwise: 'no egress rule names the address of a Service',
    });
    const dnsService = found(facts.dnsService);
    const dns = denials.dns.find(
      (denial) =>
        denial.kind === 'service-block' &&
        !isUnenforced(denial, denials) &&
        !denials.application.some((other) => isOneOmission(other, denial)),
    );
    if (application.outcome === 'fault' || dns === undefined || dnsService === null) return application;
    return unlessUnread(
      [
        {
          ...denied(dns, denials, context),
          summary: summary(dns, serviceAddresses(dnsService)[0] ?? '', 'the cluster DNS'),
          fix: dnsFixSteps(dns, denials, context, 'Admit the Pods of the cluster DNS, over UDP and TCP'),
        },
      ],
      null,
      '',
    );
  },
});

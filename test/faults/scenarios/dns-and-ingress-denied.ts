import { allFailed, ask, describe, direct, SHOP, webToApi } from '../base.ts';
import { defineScenario } from '../define.ts';
import { refusedWhile } from '../policies.ts';
import { denyIngress } from '../policy/netpol-default-deny-ingress.ts';
import { onlyApi } from '../policy/netpol-egress-dns-missing.ts';

export default defineScenario({
  name: 'dns-and-ingress-denied',
  about:
    'the egress policy of web forgets DNS, and the Pods of shop admit nobody: mending the first alone does not help',
  flow: webToApi,
  matters: { policy: true },
  breakIt: (lab) => lab.apply([onlyApi, denyIngress], 'dns-and-ingress-denied'),
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const [answer, out] = await refusedWhile(lab, 'out', SHOP, 'web', () => web.dig('api.shop.svc.cluster.local.'));
    const [fetches, into] = await refusedWhile(lab, 'in', SHOP, 'api-', () => direct(lab, webToApi));
    return {
      seen: answer.startsWith('no answer') && out > 0 && allFailed(fetches) && into > 0,
      saw: `dig api: ${answer}, ${out} packets of web refused; Pod IPs: ${describe(fetches)}, ${into} packets to api refused; by name: ${describe(await ask(lab, webToApi))}`,
    };
  },
  undo: (lab) => lab.delete([onlyApi, denyIngress]),
  order: () => [
    {
      id: 'netpol-egress-dns-missing',
      role: 'cause',
      subject: { kind: 'NetworkPolicy', namespace: SHOP, name: 'web-only-api' },
    },
    {
      id: 'netpol-default-deny-ingress',
      role: 'next-blocker',
      subject: { kind: 'NetworkPolicy', namespace: SHOP, name: 'default-deny' },
    },
  ],
});

import { ask, describe, SHOP, webToApi, worked } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { policy } from '../objects.ts';
import { flushEnforcers, startEnforcers } from '../policies.ts';

const denyAll = policy(SHOP, 'deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const running = (lab: Lab) =>
  lab.field('{.items[*].metadata.name}', '-n', 'kube-system', 'pods', '-l', 'k8s-app=netpol-enforcer');

export default defineFault({
  id: 'netpol-not-enforced',
  about: 'a policy denies everything, and no policy engine runs any more: the flow passes all the same',
  flow: webToApi,
  matters: { policy: true },
  harmless: true,
  async breakIt(lab) {
    await flushEnforcers(lab);
    await lab.apply([denyAll], 'netpol-not-enforced');
  },
  async witness(lab) {
    const name = await lab.field('{.metadata.name}', '-n', SHOP, 'networkpolicy', 'deny-all');
    const pods = await running(lab);
    const fetches = await ask(lab, webToApi, 3);
    return {
      seen: name !== '' && pods === '' && worked(fetches),
      saw: `policy ${name || 'absent'}; enforcer Pods: ${pods || 'none'}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.delete([denyAll]);
    await startEnforcers(lab);
  },
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'deny-all' }),
});

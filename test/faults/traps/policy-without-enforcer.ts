import { SHOP, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';
import type { Lab } from '../lab.ts';
import { policy } from '../objects.ts';

const NODES = [1, 2, 3];
const deny = policy(SHOP, 'deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const enforcers = (lab: Lab) =>
  lab.field('{.status.desiredNumberScheduled}', '-n', 'kube-system', 'daemonset', 'netpol-enforcer');

export default defineTrap({
  name: 'policy-without-enforcer',
  about: 'a policy denies everything, but nothing in this cluster enforces policies',
  flow: webToApi,
  async makeOdd(lab) {
    if ((await enforcers(lab)) !== '') {
      for (const node of NODES) await lab.stop(node, 'enforcer');
    }
    await Promise.all(NODES.map((node) => lab.onNode(node, 'nft', 'destroy table inet netpol')));
    await lab.apply([deny], 'policy-without-enforcer');
  },
  async odd(lab) {
    const name = await lab.field('{.metadata.name}', '-n', SHOP, 'networkpolicy', 'deny-all');
    const pods = await lab.field(
      '{.items[*].metadata.name}',
      '-n',
      'kube-system',
      'pods',
      '-l',
      'k8s-app=netpol-enforcer',
    );
    return { seen: name !== '' && pods === '', saw: `policy ${name || 'absent'}, enforcer Pods: ${pods || 'none'}` };
  },
  async undo(lab) {
    await lab.delete([deny]);
    if ((await enforcers(lab)) !== '') {
      for (const node of NODES) await lab.start(node, 'enforcer');
    }
  },
});

import { ask, describe, endpoints, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import type { KubeObject } from '../lab.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const quota: KubeObject = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'one-pod', namespace: SHOP },
  spec: { hard: { pods: '1' } },
};

export default defineScenario({
  name: 'no-pods-quota',
  about: 'a quota of one Pod was set on shop, which has more; the Pods of stock were deleted and are not made anew',
  objects: stock,
  flow: webToStock,
  patience: 60,
  async breakIt(lab) {
    await lab.apply([quota], 'no-pods-quota');
    await lab.kubectl('-n', SHOP, 'delete', 'pods', '-l', 'app=stock', '--wait=true', '--grace-period=1');
  },
  async witness(lab) {
    const said = await lab.field(
      '{.status.conditions[?(@.type=="ReplicaFailure")].message}',
      '-n',
      SHOP,
      'deployment',
      'stock',
    );
    const found = await endpoints(lab, SHOP, 'stock');
    const fetches = await ask(lab, webToStock);
    return {
      seen: said.includes('exceeded quota') && found.all === 0 && fetches[0]?.exit === 7,
      saw: `${said || 'nothing said'}; ${found.saw}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.delete([quota]);
    // The controller tries again after a pause that grows; a new template makes it try at once.
    await lab.kubectl('-n', SHOP, 'rollout', 'restart', 'deployment/stock');
    await lab.kubectl(...rollout);
  },
  order: () => [
    {
      id: 'backend-not-running',
      role: 'cause',
      subject: { kind: 'Deployment', namespace: SHOP, name: 'stock' },
      says: `ResourceQuota ${quota.metadata.name} is used up (pods: 1 more asked for`,
    },
  ],
});

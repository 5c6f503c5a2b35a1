import { ask, describe, endpoints, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const patch = (nodeSelector: object | null) => [
  '-n',
  SHOP,
  'patch',
  'deployment',
  'stock',
  '--type=merge',
  '-p',
  JSON.stringify({ spec: { template: { spec: { nodeSelector } } } }),
];

export default defineScenario({
  name: 'no-pods-unplaced',
  about: 'stock was moved to nodes with the label disk=fast, and there is none',
  objects: stock,
  flow: webToStock,
  patience: 40,
  async breakIt(lab) {
    await lab.kubectl(...patch({ disk: 'fast' }));
  },
  async witness(lab) {
    const said = await lab.field(
      '{.items[*].status.conditions[?(@.type=="PodScheduled")].message}',
      '-n',
      SHOP,
      'pods',
      '-l',
      'app=stock',
    );
    const found = await endpoints(lab, SHOP, 'stock');
    const fetches = await ask(lab, webToStock);
    return {
      seen: said.includes('node affinity/selector') && found.all === 0 && fetches[0]?.exit === 7,
      saw: `${said || 'nothing said'}; ${found.saw}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.kubectl(...patch(null));
    await lab.kubectl(...rollout);
  },
  order: () => [
    {
      id: 'backend-not-running',
      role: 'cause',
      subject: { kind: 'Deployment', namespace: SHOP, name: 'stock' },
      says: 'none of 3 nodes fits: 3 have none of the labels that its nodeSelector or affinity asks for',
    },
  ],
});

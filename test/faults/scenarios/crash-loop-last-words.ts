import { ask, describe, endpoints, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const WORDS = 'FATAL: no such file: /etc/stock/config.yaml';
const patch = (command: string[] | null) => [
  '-n',
  SHOP,
  'patch',
  'deployment',
  'stock',
  '--type=strategic',
  '-p',
  JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'app', command }] } } } }),
];

export default defineScenario({
  name: 'crash-loop-last-words',
  about: 'stock ends at its start, and its log says why',
  objects: stock,
  flow: webToStock,
  patience: 60,
  async breakIt(lab) {
    await lab.kubectl(...patch(['sh', '-c', `echo starting; echo '${WORDS}' >&2; exit 3`]));
  },
  async witness(lab) {
    const of = (path: string) => lab.field(`{.items[*].status.${path}}`, '-n', SHOP, 'pods', '-l', 'app=stock');
    const waiting = await of('containerStatuses[*].state.waiting.reason');
    const exits = await of('containerStatuses[*].lastState.terminated.exitCode');
    const found = await endpoints(lab, SHOP, 'stock');
    const fetches = await ask(lab, webToStock);
    return {
      seen: /^(CrashLoopBackOff ?){2}$/.test(waiting) && exits === '3 3' && found.ready === 0 && fetches[0]?.exit === 7,
      saw: `waiting: ${waiting || 'none'}; last exits: ${exits || 'none'}; ${found.saw}; ${describe(fetches)}`,
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
      says: `are in CrashLoopBackOff (last exit 3 (Error)): its last words: "${WORDS}"`,
    },
  ],
});

import { ask, describe, endpoints, SHOP } from '../base.ts';
import { readCorefile, startWith } from '../corefile.ts';
import { defineScenario } from '../define.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const NAME = 'stock.shop.svc.cluster.local.';
const [, front] = stock;
const scale = (replicas: number) => ['-n', SHOP, 'scale', 'deployment/stock', `--replicas=${replicas}`];

export default defineScenario({
  name: 'cached-name-and-no-pods',
  about: 'CoreDNS keeps for 60 s that stock does not exist; it was made since, and its Deployment is at 0 replicas',
  objects: stock,
  flow: webToStock,
  patience: 90,
  choose: async (lab) => ({ corefile: await readCorefile(lab) }),
  async breakIt(lab, { corefile }) {
    if (front === undefined) return;
    await lab.kubectl(...scale(0));
    const keeping = 'cache 60 {\n       denial 9984 60 60\n    }';
    await startWith(lab, corefile.replace(/cache 30 \{[^}]*\}/, keeping).replace(/ttl \d+/, 'ttl 60'));
    await lab.delete([front]);
    const web = await lab.from(SHOP, 'web');
    const pods = await lab.field('{.items[*].status.podIP}', '-n', 'kube-system', 'pods', '-l', 'k8s-app=kube-dns');
    await Promise.all(pods.split(' ').map((ip) => web.dig(NAME, `@${ip}`)));
    await lab.apply([front], 'cached-name-and-no-pods');
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const ip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'stock');
    const answers = await Promise.all([1, 2, 3, 4].map(() => web.dig(NAME)));
    const found = await endpoints(lab, SHOP, 'stock');
    const fetches = await ask(lab, webToStock);
    return {
      seen: ip !== '' && answers.every((answer) => answer === 'NXDOMAIN') && found.all === 0 && fetches[0]?.exit !== 0,
      saw: `clusterIP ${ip || 'none'}; dig: ${answers.join(', ')}; ${found.saw}; ${describe(fetches)}`,
    };
  },
  async undo(lab, { corefile }) {
    await startWith(lab, corefile);
    await lab.kubectl(...scale(2));
    await lab.kubectl(...rollout);
  },
  // The cached answer ends by itself; what stands behind the Service does not come back.
  order: () => [
    { id: 'dns-cache-stale', role: 'cause', subject: { kind: 'Service', namespace: SHOP, name: 'stock' } },
    {
      id: 'backend-scaled-to-zero',
      role: 'next-blocker',
      subject: { kind: 'Deployment', namespace: SHOP, name: 'stock' },
    },
  ],
});

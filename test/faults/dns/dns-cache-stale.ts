import { ask, describe, SHOP } from '../base.ts';
import { readCorefile, startWith } from '../corefile.ts';
import { defineFault } from '../define.ts';
import { service } from '../objects.ts';

const store = service(SHOP, 'store', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }]);
const flow = { namespace: SHOP, source: 'web', destination: 'store', url: 'http://store/' };

export default defineFault<{ corefile: string; old: string }>({
  id: 'dns-cache-stale',
  about: 'CoreDNS caches cluster names for 30 s; store was deleted and made anew, with another address',
  objects: [store],
  flow,
  patience: 60,
  async choose(lab) {
    return {
      corefile: await readCorefile(lab),
      old: await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'store'),
    };
  },
  async breakIt(lab, { corefile }) {
    await startWith(lab, corefile.replace(/cache 30 \{[^}]*\}/, 'cache 30'));
    const web = await lab.from(SHOP, 'web');
    const name = 'store.shop.svc.cluster.local.';
    const pods = await lab.field('{.items[*].status.podIP}', '-n', 'kube-system', 'pods', '-l', 'k8s-app=kube-dns');
    await Promise.all(pods.split(' ').map((ip) => web.dig(name, `@${ip}`)));
    await lab.delete([store]);
    await lab.apply([store], 'dns-cache-stale');
  },
  async witness(lab, { old }) {
    const web = await lab.from(SHOP, 'web');
    const now = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'store');
    const answers = await Promise.all([1, 2, 3].map(() => web.dig('store.shop.svc.cluster.local.')));
    const fetches = await ask(lab, flow);
    return {
      seen: now !== old && answers.every((answer) => answer === `NOERROR ${old}`) && fetches[0]?.exit !== 0,
      saw: `clusterIP ${now}, before ${old}; dig: ${answers.join(', ')}; ${describe(fetches)}`,
    };
  },
  undo: (lab, { corefile }) => startWith(lab, corefile),
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'store' }),
});

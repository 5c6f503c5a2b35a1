import { ask, describe, FINANCE, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { deployment, service } from '../objects.ts';

const ports = [{ name: 'http', port: 80, targetPort: 'http' }];
const here = service(SHOP, 'billing', { app: 'api' }, ports);
const flow = { namespace: SHOP, source: 'web', destination: 'billing', url: 'http://billing/' };

export default defineFault({
  id: 'dns-wrong-namespace',
  about: 'billing has moved to the namespace finance, web in shop still uses the short name',
  objects: [
    here,
    deployment(FINANCE, 'billing', { replicas: 1 }),
    service(FINANCE, 'billing', { app: 'billing' }, ports),
  ],
  flow,
  async breakIt(lab) {
    await lab.delete([here]);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const short = await web.dig('billing.shop.svc.cluster.local.');
    const full = await web.dig('billing.finance.svc.cluster.local.');
    const [fetches, elsewhere] = [await ask(lab, flow), await web.fetch('http://billing.finance/')];
    return {
      seen: short === 'NXDOMAIN' && full.startsWith('NOERROR') && fetches[0]?.exit === 6 && elsewhere[0]?.exit === 0,
      saw: `dig billing.shop: ${short}; dig billing.finance: ${full}; billing: ${describe(fetches)}; billing.finance: ${describe(elsewhere)}`,
    };
  },
  async undo(lab) {
    await lab.apply([here], 'dns-wrong-namespace');
  },
  subject: () => ({ kind: 'Service', namespace: FINANCE, name: 'billing' }),
});

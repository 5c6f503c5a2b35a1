import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { service } from '../objects.ts';

const gone = service(SHOP, 'apis', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }]);
const flow = { namespace: SHOP, source: 'web', destination: 'apis', url: 'http://apis/' };

export default defineFault({
  id: 'dns-name-not-found',
  about: 'web still uses the Service apis, which was deleted; the one that is left is called api',
  objects: [gone],
  flow,
  async breakIt(lab) {
    await lab.delete([gone]);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const answer = await web.dig('apis.shop.svc.cluster.local.');
    const other = await web.dig('kubernetes.default.svc.cluster.local.');
    const fetches = await ask(lab, flow);
    return {
      seen: answer === 'NXDOMAIN' && other.startsWith('NOERROR') && fetches[0]?.exit === 6,
      saw: `dig apis: ${answer}; dig kubernetes.default: ${other}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.apply([gone], 'dns-name-not-found');
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'apis' }),
});

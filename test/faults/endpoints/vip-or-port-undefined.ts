import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { service } from '../objects.ts';

const http = { name: 'http', port: 80, targetPort: 'http' };
const alt = { name: 'alt', port: 8080, targetPort: 'http' };
const flow = { namespace: SHOP, source: 'web', destination: 'ledger:8080', url: 'http://ledger:8080/' };

const publish = (lab: Lab, ports: object[]) =>
  lab.kubectl(
    '-n',
    SHOP,
    'patch',
    'service',
    'ledger',
    '--type=json',
    '-p',
    JSON.stringify([{ op: 'replace', path: '/spec/ports', value: ports }]),
  );

export default defineFault({
  id: 'vip-or-port-undefined',
  about: 'web asks ledger:8080, the Service now publishes only port 80',
  objects: [service(SHOP, 'ledger', { app: 'api' }, [http, alt])],
  flow,
  matters: { proxyMode: true },
  async breakIt(lab) {
    await publish(lab, [http]);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const ports = await lab.field('{.spec.ports[*].port}', '-n', SHOP, 'service', 'ledger');
    const [fetches, published] = [await ask(lab, flow), await web.fetch('http://ledger/')];
    return {
      seen: ports === '80' && fetches[0]?.exit !== 0 && published[0]?.exit === 0,
      saw: `ports ${ports}; ledger:8080: ${describe(fetches)}; ledger:80: ${describe(published)}`,
    };
  },
  async undo(lab) {
    await publish(lab, [http, alt]);
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'ledger' }),
});

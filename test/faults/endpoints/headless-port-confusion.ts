import { ask, backends, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { service } from '../objects.ts';

const flow = { namespace: SHOP, source: 'web', destination: 'peers:80', url: 'http://peers/' };
const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
const withAddress = service(SHOP, 'peers', { app: 'api' }, ports);
const headless = service(SHOP, 'peers', { app: 'api' }, ports, { clusterIP: 'None' });

export default defineFault({
  id: 'headless-port-confusion',
  about: 'peers is made headless: its name now leads to the Pods, and port 80 is no longer translated to 8080',
  objects: [withAddress],
  flow,
  async breakIt(lab) {
    await lab.delete([withAddress]);
    await lab.apply([headless], 'headless-port-confusion');
  },
  async witness(lab) {
    const ip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'peers');
    const [pod] = await backends(lab, SHOP, 'api');
    const direct = await (await lab.from(SHOP, 'web')).fetch(`http://${pod?.ip}:8080/`);
    const fetches = await ask(lab, flow);
    return {
      seen: ip === 'None' && fetches[0]?.exit === 7 && direct[0]?.exit === 0,
      saw: `clusterIP ${ip}; peers:80: ${describe(fetches)}; ${pod?.name}:8080: ${describe(direct)}`,
    };
  },
  async undo(lab) {
    await lab.delete([headless]);
    await lab.apply([withAddress], 'headless-port-confusion');
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'peers' }),
});

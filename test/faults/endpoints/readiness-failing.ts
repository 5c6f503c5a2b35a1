import { ask, backends, describe, endpoints, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { rollout, stock, webToStock } from '../stock.ts';

const probe = (lab: Lab, port: number) =>
  lab.kubectl(
    '-n',
    SHOP,
    'patch',
    'deployment',
    'stock',
    '--type=json',
    '-p',
    JSON.stringify([
      { op: 'replace', path: '/spec/template/spec/containers/0/readinessProbe/tcpSocket/port', value: port },
    ]),
  );

export default defineFault({
  id: 'readiness-failing',
  about: 'the readiness probe of stock asks port 9, the app listens on 8080',
  objects: stock,
  flow: webToStock,
  async breakIt(lab) {
    await probe(lab, 9);
  },
  async witness(lab) {
    const found = await endpoints(lab, SHOP, 'stock');
    const ips = (
      await lab.field('{.items[?(@.status.phase=="Running")].status.podIP}', '-n', SHOP, 'pods', '-l', 'app=stock')
    )
      .split(' ')
      .filter(Boolean);
    const ready = await backends(lab, SHOP, 'stock');
    const web = await lab.from(SHOP, 'web');
    const direct = (await Promise.all(ips.map((ip) => web.fetch(`http://${ip}:8080/`)))).flat();
    const fetches = await ask(lab, webToStock);
    return {
      seen:
        ips.length === 2 &&
        ready.length === 0 &&
        found.all === 2 &&
        found.ready === 0 &&
        direct.every(({ exit }) => exit === 0) &&
        fetches[0]?.exit === 7,
      saw: `${ips.length} Pods run, ${ready.length} Ready; ${found.saw}; by Pod IP: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await probe(lab, 8080);
    await lab.kubectl(...rollout);
  },
  subject: () => ({ kind: 'Deployment', namespace: SHOP, name: 'stock' }),
});

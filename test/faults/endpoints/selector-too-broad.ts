import { ask, describe, endpoints, failed, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { app, deployment, service } from '../objects.ts';
import { orders, webToOrders } from '../orders.ts';

const labels = { app: 'orders', role: 'nightly' };
/** Another program with the same label: it listens nowhere. */
const nightly = deployment(SHOP, 'nightly', {
  replicas: 1,
  container: app({ command: ['sleep', '1000000'], ports: [] }),
  spec: { selector: { matchLabels: { role: 'nightly' } } },
});
const template = (nightly.spec as { template: { metadata: { labels: object } } }).template;
template.metadata.labels = labels;

const [workload] = orders();
// With a port name, Pods without it would be left out.
const numbered = service(SHOP, 'orders', { app: 'orders' }, [{ name: 'http', port: 80, targetPort: 8080 }]);

export default defineFault({
  id: 'selector-too-broad',
  about: 'Deployment nightly has the label that Service orders selects, and listens nowhere',
  objects: workload === undefined ? [] : [workload, numbered],
  flow: webToOrders,
  async breakIt(lab) {
    await lab.apply([nightly], 'selector-too-broad');
  },
  async witness(lab) {
    const found = await endpoints(lab, SHOP, 'orders');
    const ip = await lab.field('{.items[*].status.podIP}', '-n', SHOP, 'pods', '-l', 'role=nightly');
    const direct = ip === '' ? [] : await (await lab.from(SHOP, 'web')).fetch(`http://${ip}:8080/`);
    const fetches = await ask(lab, webToOrders, 12);
    return {
      seen: found.ready === 4 && direct[0]?.exit === 7,
      saw: `${found.saw}; nightly by Pod IP: ${describe(direct)}; by name: ${failed(fetches) ? '' : 'none failed, '}${describe(fetches)}`,
    };
  },
  undo: (lab) => lab.delete([nightly]),
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'orders' }),
});

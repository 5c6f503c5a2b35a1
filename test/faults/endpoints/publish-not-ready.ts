import { ask, describe, failed, oneBackend, SHOP, slices } from '../base.ts';
import { defineFault } from '../define.ts';
import { service } from '../objects.ts';
import { listen, orders, webToOrders } from '../orders.ts';

const [workload] = orders({
  readinessProbe: { exec: { command: ['test', '!', '-e', '/tmp/leaving'] }, periodSeconds: 1, failureThreshold: 1 },
});
const published = service(SHOP, 'orders', { app: 'orders' }, [{ name: 'http', port: 80, targetPort: 'http' }], {
  publishNotReadyAddresses: true,
});

export default defineFault({
  id: 'publish-not-ready',
  about: 'orders publishes Pods that are not Ready; one of them is not, and refuses',
  objects: workload === undefined ? [] : [workload, published],
  flow: webToOrders,
  async choose(lab) {
    const { name, ip } = await oneBackend(lab, SHOP, 'orders');
    return { pod: name, ip };
  },
  async breakIt(lab, { pod }) {
    await lab.exec(SHOP, pod, 'touch /tmp/leaving');
    await listen(lab, pod, '127.0.0.1:8080');
  },
  async witness(lab, { pod, ip }) {
    const ready = await lab.field('{.status.conditions[?(@.type=="Ready")].status}', '-n', SHOP, 'pod', pod);
    const listed = (await slices(lab, SHOP, 'orders'))
      .flatMap((slice) => slice.endpoints ?? [])
      .find(({ addresses }) => addresses.includes(ip));
    const direct = await (await lab.from(SHOP, 'web')).fetch(`http://${ip}:8080/`);
    const fetches = await ask(lab, webToOrders, 6);
    return {
      seen: ready === 'False' && listed?.conditions?.ready === true && direct[0]?.exit === 7,
      saw: `${pod}: Ready ${ready}, ready ${listed?.conditions?.ready} in the slice; directly: ${describe(direct)}; by name: ${failed(fetches) ? '' : 'none failed, '}${describe(fetches)}`,
    };
  },
  async undo(lab, { pod }) {
    await listen(lab, pod, '8080');
    await lab.exec(SHOP, pod, 'rm -f /tmp/leaving');
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'orders' }),
});

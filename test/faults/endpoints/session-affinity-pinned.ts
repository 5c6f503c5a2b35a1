import { allFailed, ask, backends, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { service } from '../objects.ts';
import { listen, orders, webToOrders } from '../orders.ts';
import { until } from '../until.ts';

const [workload] = orders();
const sticky = service(SHOP, 'orders', { app: 'orders' }, [{ name: 'http', port: 80, targetPort: 'http' }], {
  sessionAffinity: 'ClientIP',
});

export default defineFault({
  id: 'session-affinity-pinned',
  about: 'orders holds web to one backend, and that one refuses',
  objects: workload === undefined ? [] : [workload, sticky],
  flow: webToOrders,
  matters: { proxyMode: true },
  async choose(lab) {
    // The Pod's name is its page: whoever answers first is the one that web is held to.
    // Until kube-proxy has heard of them, nobody does.
    const web = await lab.from(SHOP, 'web');
    const pods = await backends(lab, SHOP, 'orders');
    const answers = async () => {
      const answer = await web.run(['curl', '-s', '-m', '5', webToOrders.url]);
      return pods.find(({ name }) => name === answer.stdout.trim());
    };
    const held = await until('one of orders answers web', answers);
    const other = pods.find((pod) => pod !== held);
    return { pod: held.name, ip: held.ip, other: other?.ip ?? '' };
  },
  breakIt: (lab, { pod }) => listen(lab, pod, '127.0.0.1:8080'),
  async witness(lab, { pod, ip, other }) {
    const web = await lab.from(SHOP, 'web');
    const [held, free] = [await web.fetch(`http://${ip}:8080/`), await web.fetch(`http://${other}:8080/`)];
    const fetches = await ask(lab, webToOrders, 4);
    return {
      seen: held[0]?.exit === 7 && free[0]?.exit === 0 && allFailed(fetches),
      saw: `${pod} by Pod IP: ${describe(held)}; another: ${describe(free)}; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab, { pod }) => listen(lab, pod, '8080'),
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'orders' }),
});

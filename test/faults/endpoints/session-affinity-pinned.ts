import { allFailed, ask, backends, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { heldBackend, listen, stickyOrders, webToOrders } from '../orders.ts';

export default defineFault({
  id: 'session-affinity-pinned',
  about: 'orders holds web to one backend, and that one refuses',
  objects: stickyOrders(),
  flow: webToOrders,
  matters: { proxyMode: true },
  async choose(lab) {
    const held = await heldBackend(lab);
    const other = (await backends(lab, SHOP, 'orders')).find(({ name }) => name !== held.name);
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

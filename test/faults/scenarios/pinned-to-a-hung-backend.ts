import { allFailed, ask, backends, describe, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import { heldBackend, stickyOrders, webToOrders } from '../orders.ts';

export default defineScenario({
  name: 'pinned-to-a-hung-backend',
  about: 'orders holds web to one backend, and that one accepts connections and never answers',
  objects: stickyOrders(),
  flow: webToOrders,
  matters: { proxyMode: true },
  async choose(lab) {
    const held = await heldBackend(lab);
    const other = (await backends(lab, SHOP, 'orders')).find(({ name }) => name !== held.name);
    return { pod: held.name, ip: held.ip, other: other?.ip ?? '' };
  },
  async breakIt(lab, { pod }) {
    await lab.exec(SHOP, pod, 'killall -STOP httpd');
  },
  async witness(lab, { pod, ip, other }) {
    const web = await lab.from(SHOP, 'web');
    const [held, free] = [await web.fetch(`http://${ip}:8080/`), await web.fetch(`http://${other}:8080/`)];
    // Few: what is asked waits in the accept queue of the hung server, and once that is full connections get lost.
    const fetches = await ask(lab, webToOrders);
    return {
      seen: held[0]?.exit === 28 && (held[0]?.connectSeconds ?? 0) > 0 && free[0]?.exit === 0 && allFailed(fetches),
      saw: `${pod} by Pod IP: ${describe(held)}; another: ${describe(free)}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab, { pod }) {
    await lab.exec(SHOP, pod, 'killall -CONT httpd');
  },
  order: () => [
    { id: 'session-affinity-pinned', role: 'cause', subject: { kind: 'Service', namespace: SHOP, name: 'orders' } },
  ],
});

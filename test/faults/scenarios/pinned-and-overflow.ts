import { ask, describe, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import { flood, heldBackend, stickyOrders, unflood, webToOrders } from '../orders.ts';

export default defineScenario({
  name: 'pinned-and-overflow',
  about: 'session affinity holds web to the one backend whose accept queue is full',
  objects: stickyOrders(),
  flow: { ...webToOrders, access: 'backend' },
  async choose(lab) {
    const { name, ip } = await heldBackend(lab);
    return { pod: name, ip };
  },
  breakIt: (lab, { pod, ip }) => flood(lab, `${pod}`, `${ip}`),
  async witness(lab, { pod }) {
    const row = (await (await lab.from(SHOP, `${pod}`)).run(['ss', '-ltnH', 'sport = :8080'])).stdout
      .trim()
      .split(/\s+/);
    const fetches = await ask(lab, webToOrders, 5);
    return {
      seen: Number(row[1]) > Number(row[2]) && fetches.every(({ exit }) => exit === 28),
      saw: `${row[1]} wait at ${pod}, ${row[2]} may; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab, { pod }) => unflood(lab, `${pod}`),
  order: ({ pod }) => [
    { id: 'session-affinity-pinned', role: 'cause', subject: { kind: 'Service', namespace: SHOP, name: 'orders' } },
    { id: 'listen-overflow', role: 'consequence', subject: { kind: 'Pod', namespace: SHOP, name: `${pod}` } },
  ],
});

import { ask, describe, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import { listen, oneOfOrders, orders, webToOrders } from '../orders.ts';

export default defineScenario({
  name: 'one-of-three-loopback',
  about:
    'one of three backends listens on 127.0.0.1, and no readiness probe takes it out: a third of the requests is refused',
  objects: orders(),
  flow: { ...webToOrders, access: 'backend' },
  async choose(lab) {
    const { name, ip } = await oneOfOrders(lab);
    return { pod: name, ip };
  },
  breakIt: (lab, { pod }) => listen(lab, pod, '127.0.0.1:8080'),
  async witness(lab, { pod, ip }) {
    const web = await lab.from(SHOP, 'web');
    const [direct, inside] = [
      await web.fetch(`http://${ip}:8080/`),
      await (await lab.from(SHOP, pod)).fetch('http://127.0.0.1:8080/'),
    ];
    const fetches = await ask(lab, webToOrders, 12);
    return {
      seen: direct[0]?.exit === 7 && inside[0]?.exit === 0 && fetches.some(({ exit }) => exit === 0),
      saw: `${pod} by Pod IP: ${describe(direct)}; inside: ${describe(inside)}; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab, { pod }) => listen(lab, pod, '8080'),
  order: ({ pod }) => [
    { id: 'app-loopback-only', role: 'cause', subject: { kind: 'Pod', namespace: SHOP, name: pod } },
  ],
});

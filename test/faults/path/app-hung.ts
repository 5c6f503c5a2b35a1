import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { oneOfOrders, orders, webToOrders } from '../orders.ts';

export default defineFault({
  id: 'app-hung',
  about: 'the server process of one backend of orders is stopped: connections open, nothing answers',
  objects: orders(),
  flow: webToOrders,
  async choose(lab) {
    const { name, ip } = await oneOfOrders(lab);
    return { pod: name, ip };
  },
  async breakIt(lab, { pod }) {
    await lab.exec(SHOP, pod, 'killall -STOP httpd');
  },
  async witness(lab, { pod, ip }) {
    const web = await lab.from(SHOP, 'web');
    const [direct] = await web.fetch(`http://${ip}:8080/`);
    const connected = direct !== undefined && direct.connectSeconds > 0;
    const queue =
      (await (await lab.from(SHOP, pod)).run(['ss', '-ltnH', 'sport = :8080'])).stdout.trim().split(/\s+/)[1] ?? '?';
    return {
      seen: direct?.exit === 28 && connected && Number(queue) > 0,
      saw: `${pod}: ${connected ? `connected in ${direct.connectSeconds * 1000} ms` : 'not connected'}, ${direct && describe([direct])}; accept queue ${queue}; by name: ${describe(await ask(lab, webToOrders))}`,
    };
  },
  async undo(lab, { pod }) {
    await lab.exec(SHOP, pod, 'killall -CONT httpd');
  },
  subject: ({ pod }) => ({ kind: 'Pod', namespace: SHOP, name: pod }),
});

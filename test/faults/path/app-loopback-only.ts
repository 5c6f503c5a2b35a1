import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { listen, oneOfOrders, orders, webToOrders } from '../orders.ts';

export default defineFault({
  id: 'app-loopback-only',
  about: 'one of three backends of orders listens on 127.0.0.1 only',
  objects: orders({ readinessProbe: { exec: { command: ['test', '-s', '/tmp/www/index.html'] }, periodSeconds: 1 } }),
  flow: { ...webToOrders, access: 'backend' },
  async choose(lab) {
    const { name, ip } = await oneOfOrders(lab);
    return { pod: name, ip };
  },
  breakIt: (lab, { pod }) => listen(lab, pod, '127.0.0.1:8080'),
  async witness(lab, { pod, ip }) {
    const web = await lab.from(SHOP, 'web');
    const backend = await lab.from(SHOP, pod);
    const sockets = (await backend.run(['ss', '-ltnH'])).stdout.trim().split(/\s+/)[3] ?? 'none';
    const inside = await backend.fetch('http://127.0.0.1:8080/');
    const direct = await web.fetch(`http://${ip}:8080/`);
    const fetches = await ask(lab, webToOrders, 6);
    return {
      seen: sockets === '127.0.0.1:8080' && inside[0]?.exit === 0 && direct[0]?.exit === 7,
      saw: `${pod} listens on ${sockets}; inside: ${describe(inside)}; by Pod IP: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab, { pod }) => listen(lab, pod, '8080'),
  subject: ({ pod }) => ({ kind: 'Pod', namespace: SHOP, name: pod }),
});

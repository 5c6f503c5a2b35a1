import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { flood, oneOfOrders, orders, unflood, webToOrders } from '../orders.ts';

export default defineFault({
  id: 'listen-overflow',
  about: 'one backend of orders accepts no connection, and fourteen clients have filled its accept queue',
  objects: orders(),
  flow: { ...webToOrders, access: 'backend' },
  async choose(lab) {
    const { name, ip } = await oneOfOrders(lab);
    return { pod: name, ip };
  },
  breakIt: (lab, { pod, ip }) => flood(lab, pod, ip),
  async witness(lab, { pod, ip }) {
    const backend = await lab.from(SHOP, pod);
    const row = (await backend.run(['ss', '-ltnH', 'sport = :8080'])).stdout.trim().split(/\s+/);
    const [direct] = await (await lab.from(SHOP, 'web')).fetch(`http://${ip}:8080/`);
    const counters = (await backend.run(['nstat', '-az', 'TcpExtListenOverflows'])).stdout;
    const dropped = Number(/ListenOverflows\s+(\d+)/.exec(counters)?.[1] ?? 0);
    return {
      seen: Number(row[1]) > Number(row[2]) && direct?.exit === 28 && direct.connectSeconds === 0 && dropped > 0,
      saw: `${row[1]} wait, ${row[2]} may; ListenOverflows ${dropped}; direct: ${direct && describe([direct])}; by name: ${describe(await ask(lab, webToOrders))}`,
    };
  },
  undo: (lab, { pod }) => unflood(lab, pod),
  subject: ({ pod }) => ({ kind: 'Pod', namespace: SHOP, name: pod }),
});

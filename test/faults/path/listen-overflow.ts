import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { oneOfOrders, orders, webToOrders } from '../orders.ts';

const CLIENTS = 14;

export default defineFault({
  id: 'listen-overflow',
  about: 'one backend of orders accepts no connection, and fourteen clients have filled its accept queue',
  objects: orders(),
  flow: { ...webToOrders, access: 'backend' },
  async choose(lab) {
    const { name, ip } = await oneOfOrders(lab);
    return { pod: name, ip };
  },
  async breakIt(lab, { pod, ip }) {
    await lab.exec(SHOP, pod, 'killall -STOP httpd');
    await lab.exec(
      SHOP,
      'web',
      `for i in $(seq ${CLIENTS}); do (sleep 600 | nc ${ip} 8080) >/dev/null 2>&1 & done; sleep 0.5`,
    );
  },
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
  async undo(lab, { pod }) {
    await lab.exec(SHOP, 'web', 'killall nc sleep; true');
    await lab.exec(SHOP, pod, 'killall -CONT httpd');
  },
  subject: ({ pod }) => ({ kind: 'Pod', namespace: SHOP, name: pod }),
});

import { ask, backends, describe, FAR_NODE, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import { flood, orders, unflood, webToOrders } from '../orders.ts';

const wellWhile = { readinessProbe: { exec: { command: ['test', '!', '-e', '/tmp/sick'] }, periodSeconds: 1 } };

export default defineScenario({
  name: 'readiness-and-overflow',
  about: 'two of three backends fail their readiness probe, and the third cannot accept what is left for it',
  objects: orders(wellWhile),
  flow: { ...webToOrders, access: 'backend' },
  patience: 40,
  async choose(lab) {
    const all = await backends(lab, SHOP, 'orders');
    const last = all.find(({ node }) => node === lab.nodeName(FAR_NODE)) ?? all[0];
    if (!last || all.length !== 3) throw new Error(`orders has ${all.length} Pods`);
    return { pod: last.name, ip: last.ip, others: all.filter(({ name }) => name !== last.name).map(({ name }) => name).join(' ') };
  },
  async breakIt(lab, { pod, ip, others }) {
    for (const name of `${others}`.split(' ')) await lab.exec(SHOP, name, 'touch /tmp/sick');
    await flood(lab, `${pod}`, `${ip}`);
  },
  async witness(lab, { pod }) {
    const ready = await backends(lab, SHOP, 'orders');
    const row = (await (await lab.from(SHOP, `${pod}`)).run(['ss', '-ltnH', 'sport = :8080'])).stdout.trim().split(/\s+/);
    return {
      seen: ready.length === 1 && ready[0]?.name === pod && Number(row[1]) > Number(row[2]),
      saw: `${ready.length} of 3 Ready; ${row[1]} wait at ${pod}, ${row[2]} may; by name: ${describe(await ask(lab, webToOrders, 2))}`,
    };
  },
  async undo(lab, { pod, others }) {
    for (const name of `${others}`.split(' ')) await lab.exec(SHOP, name, 'rm -f /tmp/sick');
    await unflood(lab, `${pod}`);
  },
  order: ({ pod }) => [
    { id: 'readiness-failing', role: 'cause', subject: { kind: 'Deployment', namespace: SHOP, name: 'orders' } },
    { id: 'listen-overflow', role: 'consequence', subject: { kind: 'Pod', namespace: SHOP, name: `${pod}` } },
  ],
});

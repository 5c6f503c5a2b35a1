import { allFailed, ask, backends, describe, endpoints, SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import type { Lab } from '../lab.ts';
import { orders, webToOrders } from '../orders.ts';
import { until } from '../until.ts';

/** What the probe asks is a file: two Pods lose it, the third one is left with all the work. */
const probe = { exec: { command: ['test', '-e', '/tmp/www/ready'] }, periodSeconds: 1, failureThreshold: 1 };
const ready = (lab: Lab, pod: string, is: boolean) =>
  lab.exec(SHOP, pod, is ? 'touch /tmp/www/ready' : 'rm -f /tmp/www/ready');
const serveReady = orders({
  readinessProbe: probe,
  lifecycle: { postStart: { exec: { command: ['sh', '-c', 'mkdir -p /tmp/www; touch /tmp/www/ready'] } } },
});

export default defineScenario({
  name: 'capacity-lost-and-hung',
  about: 'two of three Pods of orders are not Ready; the last one, which has all the work, hangs',
  unsteady: 'our own probes may fill the accept queue before TLS is tried, which leaves the cause possible',
  objects: serveReady,
  flow: webToOrders,
  async choose(lab) {
    const [one, two, last] = await until('three Pods of orders', async () => {
      const pods = await backends(lab, SHOP, 'orders');
      return pods.length === 3 && pods;
    });
    return { one: one?.name ?? '', two: two?.name ?? '', last: last?.name ?? '' };
  },
  async breakIt(lab, { one, two, last }) {
    await Promise.all([ready(lab, one, false), ready(lab, two, false)]);
    await lab.exec(SHOP, last, 'killall -STOP httpd');
  },
  async witness(lab) {
    const found = await endpoints(lab, SHOP, 'orders');
    const fetches = await ask(lab, webToOrders, 3);
    return {
      seen: found.all === 3 && found.ready === 1 && allFailed(fetches) && fetches[0]?.exit === 28,
      saw: `${found.saw}; ${describe(fetches)}`,
    };
  },
  async undo(lab, { one, two, last }) {
    await Promise.all([ready(lab, one, true), ready(lab, two, true), lab.exec(SHOP, last, 'killall -CONT httpd')]);
    await until('all are Ready again', async () => (await backends(lab, SHOP, 'orders')).length === 3);
  },
  order: ({ last = '' }) => [
    { id: 'app-hung', role: 'cause', subject: { kind: 'Pod', namespace: SHOP, name: last } },
    { id: 'readiness-failing', role: 'risk', subject: { kind: 'Deployment', namespace: SHOP, name: 'orders' } },
  ],
});

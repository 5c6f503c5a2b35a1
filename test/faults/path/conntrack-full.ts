import { ask, describe, FAR_NODE, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { emptyTable, fillTable, tableOf } from '../full-table.ts';
import { oneOfOrders, orders, webToOrders } from '../orders.ts';

export default defineFault({
  id: 'conntrack-full',
  about: 'the connection table of a node of the backends is full: new connections to its Pods are dropped',
  unsteady: 'filling the table takes longer than the kubelets of a small machine wait: nodes go down as well',
  // Without a readiness probe: the kubelet's connections are dropped as well, and it would take the Pod out of the Service.
  objects: orders(),
  flow: { ...webToOrders, access: 'node' },
  patience: 120,
  async choose(lab) {
    const { node, ip } = await oneOfOrders(lab);
    return { node, ip };
  },
  breakIt: (lab) => fillTable(lab, FAR_NODE),
  async witness(lab, { node, ip }) {
    const web = await lab.from(SHOP, 'web');
    const before = await tableOf(lab, FAR_NODE);
    const direct = await web.fetch(`http://${ip}:8080/`, 2);
    const after = await tableOf(lab, FAR_NODE);
    return {
      seen:
        after.entries > after.most * 0.98 && after.dropped > before.dropped && direct.every(({ exit }) => exit === 28),
      saw: `${node} has ${after.entries} of ${after.most} entries, ${after.dropped - before.dropped} packets dropped meanwhile; Pod IP there: ${describe(direct)}; by name: ${describe(await ask(lab, webToOrders, 4))}`,
    };
  },
  undo: (lab) => emptyTable(lab, FAR_NODE),
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

import { allFailed, ask, backends, describe, SHOP, SOURCE_NODE, slices } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { service } from '../objects.ts';
import { listen, orders, webToOrders } from '../orders.ts';

const [workload] = orders();
const near = service(SHOP, 'orders', { app: 'orders' }, [{ name: 'http', port: 80, targetPort: 'http' }], {
  trafficDistribution: 'PreferClose',
});
const ZONE = 'topology.kubernetes.io/zone';
const NODES = [1, 2, 3];

async function zones(lab: Lab, zoneOf: (node: number) => string): Promise<void> {
  for (const node of NODES)
    await lab.kubectl('label', '--overwrite', 'node', lab.nodeName(node), `${ZONE}${zoneOf(node)}`);
  // The controller writes hints when something about the Service changes, not when a node gets a label.
  const metadata = { annotations: { 'lab/zones': zoneOf(SOURCE_NODE) } };
  await lab.kubectl('-n', SHOP, 'patch', 'service', 'orders', '-p', JSON.stringify({ metadata }));
}

interface Hinted {
  readonly hints?: { readonly forZones?: readonly { readonly name: string }[] };
}

export default defineFault({
  id: 'zone-routing-imbalance',
  about: 'web is in a zone with one backend of orders; hints send it there alone, and that backend refuses',
  objects: workload === undefined ? [] : [workload, near],
  flow: webToOrders,
  async choose(lab) {
    const pods = await backends(lab, SHOP, 'orders');
    const here = pods.find(({ node }) => node === lab.nodeName(SOURCE_NODE));
    const there = pods.find(({ node }) => node !== lab.nodeName(SOURCE_NODE));
    if (here === undefined || there === undefined) throw new Error('orders does not run on the nodes it has to');
    return { pod: here.name, ip: here.ip, other: there.ip };
  },
  async breakIt(lab, { pod }) {
    await zones(lab, (node) => (node === SOURCE_NODE ? '=east' : '=west'));
    await listen(lab, pod, '127.0.0.1:8080');
  },
  async witness(lab, { pod, ip, other }) {
    const web = await lab.from(SHOP, 'web');
    const hints = (await slices(lab, SHOP, 'orders')).flatMap((slice) =>
      ((slice.endpoints ?? []) as Hinted[]).map((item) => item.hints?.forZones?.[0]?.name ?? 'none'),
    );
    const [held, free] = [await web.fetch(`http://${ip}:8080/`), await web.fetch(`http://${other}:8080/`)];
    const fetches = await ask(lab, webToOrders, 4);
    return {
      seen: hints.includes('east') && held[0]?.exit === 7 && free[0]?.exit === 0 && allFailed(fetches),
      saw: `hints ${hints.join(' ')}; ${pod} by Pod IP: ${describe(held)}; another: ${describe(free)}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab, { pod }) {
    await listen(lab, pod, '8080');
    await zones(lab, () => '-');
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'orders' }),
});

import { backends, FAR_NODE, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { breakWay, healWay, pages, way, webToPages } from '../pages.ts';

/** What the tunnel between the nodes carries: outer packets of more are dropped, so inner ones may have 50 bytes less. */
const OUTER = 1400;

export default defineFault({
  id: 'mtu-blackhole',
  about: 'packets of more than 1400 bytes between one node and the others are dropped without a word',
  objects: pages(),
  flow: webToPages,
  async choose(lab) {
    const node = lab.nodeName(FAR_NODE);
    const backend = (await backends(lab, SHOP, 'pages')).find((pod) => pod.node === node);
    if (!backend) throw new Error(`no backend of pages on ${node}`);
    return { node, ip: backend.ip, pod: backend.name };
  },
  async breakIt(lab, { pod }) {
    // Without segmentation offload packets have the size they have on a real wire.
    for (const name of ['web', `${pod}`])
      await (await lab.from(SHOP, name)).run(['ethtool', '-K', 'eth0', 'tso', 'off', 'gso', 'off']);
    await breakWay(lab, `meta length > ${OUTER}`);
  },
  async witness(lab, { ip }) {
    const web = await lab.from(SHOP, 'web');
    const ping = async (size: number) =>
      (await web.run(['ping', '-c2', '-i0.2', '-W1', '-M', 'do', '-s', String(size - 28), `${ip}`])).exitCode;
    const small = await ping(1300);
    const large = await ping(1440);
    const [page] = await web.fetch(`http://${ip}:8080/`, 1, 2);
    return {
      seen: small === 0 && large === 1 && page?.exit === 28 && page.connectSeconds > 0,
      saw: `ping of 1300 bytes: exit ${small}, of 1440: exit ${large}; page of 100 kB: exit ${page?.exit}; ${await way(lab)}`,
    };
  },
  async undo(lab, { pod }) {
    await healWay(lab);
    for (const name of ['web', `${pod}`])
      await (await lab.from(SHOP, name)).run(['ethtool', '-K', 'eth0', 'tso', 'on', 'gso', 'on']);
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

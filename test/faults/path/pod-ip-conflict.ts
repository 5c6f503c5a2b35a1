import { describe, oneBackend, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { orders, webToOrders } from '../orders.ts';

const SECOND = 'twin';
const MAC = '02:00:00:00:00:99';
const onNode = (lab: Lab, line: string) => lab.onNode(SOURCE_NODE, 'sh', '-c', line);

export default defineFault({
  id: 'pod-ip-conflict',
  about: 'a forgotten network on the node of web has the address of a backend there, and was asked first',
  // Without a readiness probe: one that met the wrong device would take the Pod out of the Service.
  objects: orders(),
  flow: webToOrders,
  async choose(lab) {
    const backend = await oneBackend(lab, SHOP, 'orders', lab.nodeName(SOURCE_NODE));
    if (backend.node !== lab.nodeName(SOURCE_NODE)) throw new Error('no backend of orders on the node of web');
    return { pod: backend.name, ip: backend.ip };
  },
  async breakIt(lab, { ip }) {
    await onNode(
      lab,
      `ip netns add ${SECOND} && ip link add ${SECOND} type veth peer name eth0 address ${MAC} netns ${SECOND} && ip link set ${SECOND} master cni0 up && ip netns exec ${SECOND} ip addr add ${ip}/24 dev eth0 && ip netns exec ${SECOND} ip link set eth0 up`,
    );
    // Who answers first is a matter of chance; here it was the wrong one.
    await (await lab.from(SHOP, 'web')).run([
      'ip',
      'neigh',
      'replace',
      `${ip}`,
      'lladdr',
      MAC,
      'dev',
      'eth0',
      'nud',
      'permanent',
    ]);
  },
  async witness(lab, { ip }) {
    const web = await lab.from(SHOP, 'web');
    const devices = await onNode(lab, 'ip -o link show master cni0 | cut -d" " -f2');
    const neighbour = (await web.run(['ip', 'neigh', 'show', `${ip}`])).stdout.trim();
    const direct = await web.fetch(`http://${ip}:8080/`);
    return {
      seen: devices.includes(SECOND) && neighbour.includes(MAC) && direct[0]?.exit === 7,
      saw: `web: ${neighbour}; Pod IP: ${describe(direct)}`,
    };
  },
  async undo(lab, { ip }) {
    await onNode(lab, `ip link del ${SECOND}; ip netns del ${SECOND}; true`);
    await (await lab.from(SHOP, 'web')).run(['ip', 'neigh', 'del', `${ip}`, 'dev', 'eth0']);
  },
  subject: ({ pod }) => ({ kind: 'Pod', namespace: SHOP, name: pod }),
});

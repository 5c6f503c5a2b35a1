import { backends, describe, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import { app, client, onNode, service, tcpReadiness } from '../objects.ts';

const url = 'http://mirror/';

export default defineFault({
  id: 'hairpin-off',
  about: 'mirror is the only backend of its own Service, and the bridge sends nothing back to where it came from',
  objects: (lab) => [
    client(
      SHOP,
      // Not the name of the Service: a Pod's own name stands in its hosts file.
      'mirror-0',
      { app: 'mirror' },
      { terminationGracePeriodSeconds: 1, containers: [app(tcpReadiness)], ...onNode(lab.nodeName(SOURCE_NODE)) },
    ),
    service(SHOP, 'mirror', { app: 'mirror' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  ],
  flow: { namespace: SHOP, source: 'mirror-0', destination: 'mirror', url },
  async choose(lab) {
    const [pod] = await backends(lab, SHOP, 'mirror');
    if (!pod) throw new Error('no Pod of mirror');
    const eth0 = (await (await lab.from(SHOP, pod.name)).run(['ip', '-o', 'link', 'show', 'eth0'])).stdout;
    const index = /eth0@if(\d+)/.exec(eth0)?.[1];
    const links = await lab.onNode(SOURCE_NODE, 'ip', '-o', 'link');
    const veth = new RegExp(`^${index}: ([^:@]+)`, 'm').exec(links)?.[1];
    if (!veth) throw new Error(`no device ${index} on the node`);
    return { pod: pod.name, ip: pod.ip, veth };
  },
  async breakIt(lab, { veth }) {
    await lab.onNode(SOURCE_NODE, 'bridge', 'link', 'set', 'dev', `${veth}`, 'hairpin', 'off');
  },
  async witness(lab, { pod, ip, veth }) {
    const mirror = await lab.from(SHOP, pod);
    const link = await lab.onNode(SOURCE_NODE, 'bridge', '-d', 'link', 'show', 'dev', `${veth}`);
    const own = await mirror.fetch(`http://${ip}:8080/`);
    const service = await mirror.fetch(url, 2);
    return {
      seen: /hairpin off/.test(link) && own[0]?.exit === 0 && service.every(({ exit }) => exit === 28),
      saw: `${veth}: ${/hairpin \w+/.exec(link)?.[0]}; own address: ${describe(own)}; Service: ${describe(service)}`,
    };
  },
  async undo(lab, { veth }) {
    await lab.onNode(SOURCE_NODE, 'bridge', 'link', 'set', 'dev', `${veth}`, 'hairpin', 'on');
  },
  subject: ({ pod }) => ({ kind: 'Pod', namespace: SHOP, name: pod }),
});

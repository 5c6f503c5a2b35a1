import { allFailed, ask, backends, describe, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

/** How many chains or tables of kube-proxy a node has, whatever its mode. */
const COUNT =
  "iptables-save -t nat 2>/dev/null | grep -c '^:KUBE-SVC'; nft list tables 2>/dev/null | grep -c 'kube-proxy$'";

export default defineFault({
  id: 'proxy-rules-flushed',
  about: 'the rules for Services were flushed on the node of web, while kube-proxy runs and has not noticed',
  flow: { ...webToApi, access: 'node' },
  matters: { proxyMode: true },
  async choose(lab) {
    return { node: lab.nodeName(SOURCE_NODE) };
  },
  async breakIt(lab) {
    // Frozen, it does not write them again half a minute later; its Pod stays Ready meanwhile.
    await lab.onNode(SOURCE_NODE, 'sh', '-c', 'pkill -STOP -x kube-proxy');
    await lab.onNode(
      SOURCE_NODE,
      'sh',
      '-c',
      "iptables-save -t nat | grep '^-A .* -j KUBE' | sed 's/^-A/-D/' | while read -r rule; do eval iptables -w -t nat $rule; done; for chain in $(iptables-save -t nat | sed -n 's/^:\\(KUBE-[^ ]*\\).*/\\1/p'); do iptables -w -t nat -F $chain; done; for chain in $(iptables-save -t nat | sed -n 's/^:\\(KUBE-[^ ]*\\).*/\\1/p'); do iptables -w -t nat -X $chain; done; for family in ip ip6; do nft delete table $family kube-proxy 2>/dev/null; done; true",
    );
  },
  async witness(lab, { node }) {
    const counts = (await lab.onNode(SOURCE_NODE, 'sh', '-c', `${COUNT}; true`)).trim().split(/\s+/).map(Number);
    const web = await lab.from(SHOP, 'web');
    const direct = (
      await Promise.all((await backends(lab, SHOP, 'api')).map(({ ip }) => web.fetch(`http://${ip}:8080/`)))
    ).flat();
    const fetches = await ask(lab, webToApi, 2);
    return {
      seen: counts.every((count) => count === 0) && direct.every(({ exit }) => exit === 0) && allFailed(fetches),
      saw: `${node} has ${counts.join(' and ')} chains and tables of kube-proxy; Pod IPs: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.onNode(SOURCE_NODE, 'sh', '-c', 'pkill -CONT -x kube-proxy; true');
    await lab.stop(SOURCE_NODE, 'kube-proxy');
    await lab.start(SOURCE_NODE, 'kube-proxy');
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

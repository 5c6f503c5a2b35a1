import { allFailed, ask, describe, direct, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

const DEAD = '10.244.9.9:80';
const rule = (vip: string) => ['PREROUTING', '-d', vip, '-p', 'tcp', '--dport', '80', '-j', 'DNAT', '--to', DEAD];

export default defineFault({
  id: 'kube-proxy-mode-conflict',
  about:
    "iptables-legacy on the node of web still sends the address of api to a Pod of long ago, beside kube-proxy's rules",
  flow: { ...webToApi, access: 'node' },
  // In iptables mode only: a kube-proxy that has made its nftables chains anew is asked before an older table of iptables-legacy.
  confidence: ['proven'],
  async choose(lab) {
    const vip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'api');
    return { node: lab.nodeName(SOURCE_NODE), vip };
  },
  async breakIt(lab, { vip }) {
    await lab.onNode(SOURCE_NODE, 'iptables-legacy', '-w', '-t', 'nat', '-I', ...rule(`${vip}`));
  },
  async witness(lab, { node, vip }) {
    const saved = await lab.onNode(SOURCE_NODE, 'sh', '-c', 'iptables-legacy-save -t nat 2>/dev/null; true');
    const tracked = await lab.onNode(SOURCE_NODE, 'sh', '-c', `conntrack -L -d ${vip} 2>/dev/null; true`);
    const pods = await direct(lab, webToApi);
    const fetches = await ask(lab, webToApi, 2);
    return {
      seen: saved.includes(DEAD) && pods.every(({ exit }) => exit === 0) && allFailed(fetches),
      saw: `iptables-legacy of ${node} ${saved.includes(DEAD) ? 'sends' : 'does not send'} api to ${DEAD}, ${tracked.match(/src=10\.244\.9\.9/g)?.length ?? 0} connections went there; Pod IPs: ${describe(pods)}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab, { vip }) {
    await lab.onNode(
      SOURCE_NODE,
      'sh',
      '-c',
      `iptables-legacy -w -t nat -D ${rule(`${vip}`).join(' ')}; conntrack -D -d ${vip} >/dev/null 2>&1; true`,
    );
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

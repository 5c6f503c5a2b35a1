import { ask, describe, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineScenario } from '../define.ts';
import type { Lab } from '../lab.ts';

/** One of two CoreDNS Pods and one of three backends are there. */
const OTHER = 1;
const rule = (from: string) => ['INPUT', '-p', 'udp', '-s', from, '--dport', '4789', '-j', 'DROP'];

async function dnsPods(lab: Lab): Promise<{ ip: string; node: string }[]> {
  const pods = await lab.list<{ spec: { nodeName: string }; status: { podIP: string } }>(
    '-n',
    'kube-system',
    'pods',
    '-l',
    'k8s-app=kube-dns',
  );
  return pods.map(({ spec, status }) => ({ ip: status.podIP, node: spec.nodeName }));
}

export default defineScenario({
  name: 'dns-behind-blocked-overlay',
  about:
    'VXLAN from the node of web to another is blocked: half the lookups stall, a third of the requests is lost, for one reason',
  flow: { ...webToApi, access: 'node' },
  async choose(lab) {
    const [node, source] = [lab.nodeName(OTHER), lab.nodeName(SOURCE_NODE)];
    const dns = (await dnsPods(lab)).find((pod) => pod.node === node);
    if (dns === undefined) throw new Error(`no CoreDNS Pod on ${node}`);
    const from = await lab.field('{.status.addresses[0].address}', 'node', source);
    return { node, dns: dns.ip, from, address: await lab.field('{.status.addresses[0].address}', 'node', node) };
  },
  async breakIt(lab, { from }) {
    await lab.onNode(OTHER, 'iptables', '-w', '-I', ...rule(`${from}`));
  },
  async witness(lab, { node, dns, address }) {
    const web = await lab.from(SHOP, 'web');
    const there = await web.dig('kubernetes.default.svc.cluster.local', `@${dns}`);
    const ping = await web.run(['ping', '-c1', '-W1', `${address}`]);
    const fetches = await ask(lab, webToApi, 6);
    return {
      seen: there.startsWith('no answer') && ping.exitCode === 0 && fetches.some(({ exit }) => exit !== 0),
      saw: `CoreDNS on ${node}: ${there}; ping of the node: exit ${ping.exitCode}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab, { from }) {
    await lab.onNode(OTHER, 'iptables', '-w', '-D', ...rule(`${from}`));
  },
  order: ({ node }) => [{ id: 'underlay-blocked', role: 'cause', subject: { kind: 'Node', name: node ?? '' } }],
});

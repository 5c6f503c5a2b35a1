import { allFailed, ask, describe, FAR_NODE, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { app, deployment, onNode, service } from '../objects.ts';

const PORT = 9100;
const rule = ['INPUT', '-i', 'eth0', '-p', 'tcp', '--dport', String(PORT), '-j', 'DROP'];
const flow = { namespace: SHOP, source: 'web', destination: 'metrics', url: `http://metrics:${PORT}/` };

async function dropped(lab: Lab): Promise<number> {
  const listing = await lab.onNode(FAR_NODE, 'iptables', '-w', '-nvxL', 'INPUT');
  return Number(/^ *(\d+) .*DROP.*dpt:9100/m.exec(listing)?.[1] ?? -1);
}

export default defineFault({
  id: 'host-firewall-input',
  about: 'a firewall on a node drops port 9100, where a Pod with the host network listens',
  objects: (lab) => [
    deployment(SHOP, 'metrics', {
      replicas: 1,
      container: app({
        env: [{ name: 'PORT', value: String(PORT) }],
        ports: [{ name: 'metrics', containerPort: PORT }],
      }),
      podSpec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', ...onNode(lab.nodeName(FAR_NODE)) },
    }),
    service(SHOP, 'metrics', { app: 'metrics' }, [{ name: 'http', port: PORT, targetPort: 'metrics' }]),
  ],
  flow: { ...flow, access: 'node' },
  confidence: ['proven'],
  async choose(lab) {
    return { node: lab.nodeName(FAR_NODE) };
  },
  async breakIt(lab) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-I', ...rule);
  },
  async witness(lab, { node }) {
    const before = await dropped(lab);
    const fetches = await ask(lab, flow, 2);
    const after = await dropped(lab);
    const itself = await lab.node(FAR_NODE, ['curl', '-s', '-m2', '-o', '/dev/null', `http://127.0.0.1:${PORT}/`]);
    return {
      seen: before >= 0 && after > before && itself.exitCode === 0 && allFailed(fetches),
      saw: `INPUT of ${node} dropped ${after - before} packets meanwhile; on the node itself: curl exit ${itself.exitCode}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-D', ...rule);
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

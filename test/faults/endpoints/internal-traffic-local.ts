import { ask, describe, FAR_NODE, oneBackend, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { deployment, onNode, service } from '../objects.ts';

const flow = { namespace: SHOP, source: 'web', destination: 'agent', url: 'http://agent/' };

const policy = (lab: Lab, internalTrafficPolicy: string) =>
  lab.kubectl('-n', SHOP, 'patch', 'service', 'agent', '-p', JSON.stringify({ spec: { internalTrafficPolicy } }));

export default defineFault({
  id: 'internal-traffic-local',
  about: 'agent serves only clients on its own node, and web is on another',
  objects: (lab) => [
    deployment(SHOP, 'agent', { replicas: 1, podSpec: onNode(lab.nodeName(FAR_NODE)) }),
    service(SHOP, 'agent', { app: 'agent' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  ],
  flow,
  matters: { proxyMode: true },
  async breakIt(lab) {
    await policy(lab, 'Local');
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const now = await lab.field('{.spec.internalTrafficPolicy}', '-n', SHOP, 'service', 'agent');
    const { ip, node } = await oneBackend(lab, SHOP, 'agent');
    const [direct, fetches] = [await web.fetch(`http://${ip}:8080/`), await ask(lab, flow, 1, 3)];
    return {
      seen: now === 'Local' && direct[0]?.exit === 0 && fetches[0]?.exit === 28,
      saw: `internalTrafficPolicy ${now}; the Pod is on ${node}, directly: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await policy(lab, 'Cluster');
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'agent' }),
});

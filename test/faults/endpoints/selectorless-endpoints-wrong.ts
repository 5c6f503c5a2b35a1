import { ask, describe, oneBackend, SHOP, slices } from '../base.ts';
import { defineFault } from '../define.ts';
import type { KubeObject } from '../lab.ts';
import { service } from '../objects.ts';

const flow = { namespace: SHOP, source: 'web', destination: 'legacy', url: 'http://legacy/' };
const OWNER = { 'kubernetes.io/service-name': 'legacy' };

const slice = (labels: Record<string, string>, { ip, uid }: { ip: string; uid: string }): KubeObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'legacy-1',
    namespace: SHOP,
    labels,
    // Goes with its Service.
    ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'legacy', uid }],
  },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: [{ addresses: [ip] }],
});

export default defineFault({
  id: 'selectorless-endpoints-wrong',
  about: 'legacy has no selector, and its hand-made EndpointSlice lacks the label that says whose it is',
  objects: [service(SHOP, 'legacy', {}, [{ name: 'http', port: 80, targetPort: 8080 }])],
  flow,
  async choose(lab) {
    const { ip } = await oneBackend(lab, SHOP, 'api');
    const uid = await lab.field('{.metadata.uid}', '-n', SHOP, 'service', 'legacy');
    await lab.apply([slice(OWNER, { ip, uid })]);
    return { ip, uid };
  },
  // kube-proxy passes over a slice that loses its label: it would go on with what it knows. One without it from the start is unknown.
  async breakIt(lab, memo) {
    await lab.delete([slice(OWNER, memo)]);
    await lab.apply([slice({}, memo)]);
  },
  async witness(lab) {
    const found = await slices(lab, SHOP, 'legacy');
    const fetches = await ask(lab, flow);
    return {
      seen: found.length === 0 && fetches[0]?.exit === 7,
      saw: `slices of legacy: ${found.length}; ${describe(fetches)}`,
    };
  },
  async undo(lab, memo) {
    await lab.apply([slice(OWNER, memo)]);
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'legacy' }),
});

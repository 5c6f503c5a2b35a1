import { allFailed, describe, FAR_NODE, oneBackend, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { deployment, onNode, policy, service } from '../objects.ts';
import { refusedWhile } from '../policies.ts';

// The node whose port is asked: neither that of the client nor that of the Pod.
const DOOR = { address: '10.90.0.11', port: 30880 };
const url = `http://${DOOR.address}:${DOOR.port}/`;
const forClient = (address: string) =>
  policy(SHOP, 'desk-clients', {
    podSelector: { matchLabels: { app: 'desk' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ ipBlock: { cidr: `${address}/32` } }], ports: [{ protocol: 'TCP', port: 8080 }] }],
  });

export default defineFault({
  id: 'netpol-ipblock-snat-source',
  about: 'the policy of desk admits the address of web; through the port of a node, desk sees that node',
  objects: (lab) => [
    deployment(SHOP, 'desk', { replicas: 1, podSpec: onNode(lab.nodeName(FAR_NODE)) }),
    service(SHOP, 'desk', { app: 'desk' }, [{ name: 'http', port: 80, targetPort: 'http', nodePort: DOOR.port }], {
      type: 'NodePort',
    }),
  ],
  flow: { namespace: SHOP, source: 'web', destination: `${DOOR.address}:${DOOR.port}`, url },
  matters: { policy: true, proxyMode: true },
  fixable: true,
  choose: async (lab) => ({
    web: await lab.field('{.status.podIP}', '-n', SHOP, 'pod', 'web'),
    desk: (await oneBackend(lab, SHOP, 'desk')).ip,
  }),
  breakIt: (lab, { web }) => lab.apply([forClient(web)], 'netpol-ipblock-snat-source'),
  async witness(lab, { desk }) {
    const web = await lab.from(SHOP, 'web');
    const [through, packets] = await refusedWhile(lab, 'in', SHOP, 'desk-', () => web.fetch(url, 2));
    const [direct, more] = await refusedWhile(lab, 'in', SHOP, 'desk-', () => web.fetch(`http://${desk}:8080/`));
    return {
      seen: allFailed(through) && packets > 0 && !allFailed(direct) && more === 0,
      saw: `through the node: ${describe(through)}, enforcer refused ${packets} packets to desk; to the Pod: ${describe(direct)}, refused ${more}`,
    };
  },
  undo: (lab, { web }) => lab.delete([forClient(web)]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'desk-clients' }),
});

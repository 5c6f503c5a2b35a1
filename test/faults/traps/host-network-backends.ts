import { SHOP, slices } from '../base.ts';
import { defineTrap } from '../define.ts';
import { app, deployment, service } from '../objects.ts';

const PORT = 18_080;
const LABELS = { app: 'edge' };

const edge = [
  deployment(SHOP, 'edge', {
    container: app({
      env: [{ name: 'PORT', value: String(PORT) }],
      ports: [{ name: 'http', containerPort: PORT }],
      readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
    }),
    podSpec: {
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: LABELS } },
          ],
        },
      },
    },
  }),
  service(SHOP, 'edge', LABELS, [{ name: 'http', port: 80, targetPort: 'http' }]),
];

export default defineTrap({
  name: 'host-network-backends',
  about: 'the endpoints of edge are addresses of nodes, outside the ranges of Pods',
  flow: { namespace: SHOP, source: 'web', destination: 'edge', url: 'http://edge/' },
  async makeOdd(lab) {
    await lab.apply(edge, 'host-network-backends');
    await lab.ready(edge);
  },
  async odd(lab) {
    const nodes = (await lab.field('{.items[*].status.addresses[?(@.type=="InternalIP")].address}', 'nodes')).split(
      ' ',
    );
    const listed = (await slices(lab, SHOP, 'edge'))
      .flatMap((slice) => slice.endpoints ?? [])
      .flatMap(({ addresses }) => addresses);
    return {
      seen: listed.length === 2 && listed.every((address) => nodes.includes(address)),
      saw: `slice of edge: ${listed.join(' ') || 'nothing'}; nodes ${nodes.join(' ')}`,
    };
  },
  undo: (lab) => lab.delete(edge),
});

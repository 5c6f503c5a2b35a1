import { SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { KubeObject, Lab } from '../lab.ts';
import { policy } from '../objects.ts';

/** More A records than fit into one UDP packet. The lab's web server answers at each of these addresses. */
const ADDRESSES = Array.from({ length: 90 }, (_, index) => `198.51.100.${130 + index}`);
const farm: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'farm', namespace: SHOP },
  spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80, targetPort: 80 }] },
};
const slice: KubeObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'farm-1', namespace: SHOP, labels: { 'kubernetes.io/service-name': 'farm' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  endpoints: ADDRESSES.map((address) => ({ addresses: [address] })),
};
const udpOnly = policy(SHOP, 'web-egress', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }, { to: [{ ipBlock: { cidr: '198.51.100.0/24' } }] }],
});
const flow = { namespace: SHOP, source: 'web', destination: 'farm:80', url: 'http://farm/' };
const NAT = 'PREROUTING -d 198.51.100.128/25 -p tcp --dport 80 -j DNAT --to-destination 198.51.100.10:80';

async function world(lab: Lab): Promise<void> {
  const rule = `iptables -w -t nat -C ${NAT} 2>/dev/null || iptables -w -t nat -A ${NAT}`;
  await lab.phys('sh', '-c', `ip route replace local 198.51.100.128/25 dev lo; ${rule}`);
}

export default defineFault({
  id: 'dns-tcp-fallback-blocked',
  about: 'farm has 90 addresses, which need DNS over TCP; the policy of web admits UDP 53 only',
  objects: (_lab) => [farm, slice],
  flow,
  matters: { policy: true },
  patience: 30,
  choose: async (lab) => {
    await world(lab);
    return {};
  },
  breakIt: (lab) => lab.apply([udpOnly], 'dns-tcp-fallback-blocked'),
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const [small, cut, tcp] = [
      await web.dig('api.shop.svc.cluster.local.'),
      (await web.run(['dig', '+ignore', '+tries=1', '+time=1', 'farm.shop.svc.cluster.local.'])).stdout,
      await web.dig('api.shop.svc.cluster.local.', '+tcp'),
    ];
    const truncated = /flags: [a-z ]*\btc\b/.test(cut);
    return {
      seen: small.startsWith('NOERROR') && truncated && tcp.startsWith('no answer'),
      saw: `dig api: ${small}; farm truncated over UDP: ${truncated}; dig +tcp api: ${tcp.slice(0, 80)}`,
    };
  },
  undo: (lab) => lab.delete([udpOnly]),
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'web-egress' }),
});

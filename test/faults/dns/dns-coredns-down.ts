import { ask, describe, endpoints, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

const scale = (replicas: number) => ['-n', 'kube-system', 'scale', 'deployment/coredns', `--replicas=${replicas}`];

export default defineFault({
  id: 'dns-coredns-down',
  about: 'CoreDNS is scaled to zero: no name resolves anywhere, addresses still work',
  flow: webToApi,
  async breakIt(lab) {
    await lab.kubectl(...scale(0));
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const dns = await endpoints(lab, 'kube-system', 'kube-dns');
    const vip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'api');
    const answer = await web.dig('api.shop.svc.cluster.local.');
    const [fetches, direct] = [await ask(lab, webToApi), await web.fetch(`http://${vip}/`)];
    return {
      seen: dns.all === 0 && answer.startsWith('no answer') && fetches[0]?.exit !== 0 && direct[0]?.exit === 0,
      saw: `${dns.saw}; dig: ${answer}; by name: ${describe(fetches)}; by ClusterIP: ${describe(direct)}`,
    };
  },
  async undo(lab) {
    await lab.kubectl(...scale(2));
    await lab.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=30s');
  },
  subject: () => ({ kind: 'Deployment', namespace: 'kube-system', name: 'coredns' }),
});

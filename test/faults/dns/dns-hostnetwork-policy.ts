import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { client } from '../objects.ts';

const agent = (dnsPolicy: string) => client(SHOP, 'agent', { app: 'agent' }, { hostNetwork: true, dnsPolicy });
const flow = { namespace: SHOP, source: 'agent', destination: 'api', url: 'http://api/' };

async function replace(lab: Lab, dnsPolicy: string): Promise<void> {
  await lab.delete([agent(dnsPolicy)]);
  await lab.apply([agent(dnsPolicy)], 'dns-hostnetwork-policy');
  await lab.ready([agent(dnsPolicy)]);
}

export default defineFault({
  id: 'dns-hostnetwork-policy',
  about: 'agent runs on the host network with dnsPolicy ClusterFirst, so it asks the node’s resolver',
  objects: [agent('ClusterFirstWithHostNet')],
  flow,
  breakIt: (lab) => replace(lab, 'ClusterFirst'),
  async witness(lab) {
    const pod = await lab.from(SHOP, 'agent');
    const server = (await pod.run(['sed', '-n', 's/^nameserver //p', '/etc/resolv.conf'])).stdout.trim();
    const vip = await lab.field('{.spec.clusterIP}', '-n', 'kube-system', 'service', 'kube-dns');
    const own = await pod.dig('api.shop.svc.cluster.local.');
    const right = await pod.dig('api.shop.svc.cluster.local.', `@${vip}`);
    const fetches = await ask(lab, flow);
    return {
      seen: server !== vip && own === 'NXDOMAIN' && right.startsWith('NOERROR') && fetches[0]?.exit === 6,
      saw: `nameserver ${server}; dig api: ${own}; dig @${vip}: ${right}; ${describe(fetches)}`,
    };
  },
  undo: (lab) => replace(lab, 'ClusterFirstWithHostNet'),
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'agent' }),
});

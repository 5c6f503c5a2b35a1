import { ask, describe, oneBackend, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { client, onNode, policy } from '../objects.ts';
import { droppedByHand, fromPods, toDns } from '../policies.ts';

// Not the address that another case puts on the node itself.
const CACHE = '169.254.25.10';
const flow = { namespace: SHOP, source: 'cached', destination: 'api', url: 'http://api/' };
const egress = policy(SHOP, 'cached-egress', {
  podSelector: { matchLabels: { app: 'cached' } },
  policyTypes: ['Egress'],
  egress: [toDns, { to: [fromPods({ app: 'api' })] }],
});
const dnsPod = async (lab: Lab) =>
  lab.field('{.items[0].status.podIP}', '-n', 'kube-system', 'pods', '-l', 'k8s-app=kube-dns');

// There is no node cache on the lab: its address leads to a Pod of the cluster DNS. And the lab's enforcer never filters what
// goes to the own node, as some others do, so that is dropped by hand.
export default defineFault({
  id: 'netpol-nodelocaldns-not-allowed',
  about: 'the egress policy admits the cluster DNS Pods, and the Pod asks a cache on its node (emulated)',
  objects: (lab) => [
    client(
      SHOP,
      'cached',
      { app: 'cached' },
      {
        dnsPolicy: 'None',
        dnsConfig: {
          nameservers: [CACHE],
          searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
          options: [{ name: 'ndots', value: '5' }],
        },
        ...onNode(lab.nodeName(SOURCE_NODE)),
      },
    ),
  ],
  flow,
  matters: { policy: true },
  async choose(lab) {
    const dns = await dnsPod(lab);
    const rule = `table ip nodelocal { chain pre { type nat hook prerouting priority -110; ip daddr ${CACHE} dnat to ${dns}; }; }`;
    await lab.onNode(SOURCE_NODE, 'nft', `destroy table ip nodelocal; ${rule}`);
    const source = await lab.field('{.status.podIP}', '-n', SHOP, 'pod', 'cached');
    const { ip } = await oneBackend(lab, SHOP, 'api');
    return { source, dns, ip };
  },
  async breakIt(lab, { source }) {
    await lab.apply([egress], 'netpol-nodelocaldns-not-allowed');
    await droppedByHand(lab, SOURCE_NODE, `ip saddr ${source} ip daddr ${CACHE}`);
  },
  async witness(lab, { dns, ip }) {
    const cached = await lab.from(SHOP, 'cached');
    const name = 'api.shop.svc.cluster.local.';
    const [viaCache, viaPod] = [await cached.dig(name), await cached.dig(name, `@${dns}`)];
    const byAddress = await cached.fetch(`http://${ip}:8080/`);
    return {
      seen: viaCache.startsWith('no answer') && viaPod.startsWith('NOERROR') && byAddress[0]?.exit === 0,
      saw: `dig @${CACHE}: ${viaCache}; dig @${dns}: ${viaPod}; ${ip}: ${describe(byAddress)}; by name: ${describe(await ask(lab, flow))}`,
    };
  },
  async undo(lab) {
    await droppedByHand(lab, SOURCE_NODE, null);
    await lab.delete([egress]);
  },
  subject: () => ({ kind: 'NetworkPolicy', namespace: SHOP, name: 'cached-egress' }),
});

import { ask, describe, FAR_NODE, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { client, onNode } from '../objects.ts';
import { until } from '../until.ts';

const RIGHT = '10.96.0.10';
const WRONG = '10.96.0.11';
const flow = { namespace: SHOP, source: 'cart', destination: 'api', url: 'http://api/' };
const cart = (lab: Lab) => client(SHOP, 'cart', { app: 'cart' }, onNode(lab.nodeName(FAR_NODE)));

/** A Pod gets its resolv.conf from the kubelet that starts it. */
async function startCart(lab: Lab, nameserver: string): Promise<void> {
  await lab.onNode(
    FAR_NODE,
    'sed',
    '-i',
    `s/^clusterDNS: .*/clusterDNS: [${nameserver}]/`,
    '/etc/kubernetes/kubelet.yaml',
  );
  await lab.stop(FAR_NODE, 'kubelet');
  await lab.start(FAR_NODE, 'kubelet');
  await until('the kubelet answers', () =>
    lab.onNode(FAR_NODE, 'curl', '-sf', '-m1', 'http://127.0.0.1:10248/healthz'),
  );
  await lab.delete([cart(lab)]);
  await lab.apply([cart(lab)], 'dns-nameserver-wrong');
  await lab.ready([cart(lab)]);
}

export default defineFault({
  id: 'dns-nameserver-wrong',
  about: `the kubelet of one node hands out ${WRONG} as cluster DNS; cart was started there since`,
  objects: (lab) => [cart(lab)],
  flow,
  breakIt: (lab) => startCart(lab, WRONG),
  async witness(lab) {
    const pod = await lab.from(SHOP, 'cart');
    const server = (await pod.run(['sed', '-n', 's/^nameserver //p', '/etc/resolv.conf'])).stdout.trim();
    const own = await pod.dig('api.shop.svc.cluster.local.');
    const right = await pod.dig('api.shop.svc.cluster.local.', `@${RIGHT}`);
    const fetches = await ask(lab, flow);
    return {
      seen: server === WRONG && own.startsWith('no answer') && right.startsWith('NOERROR') && fetches[0]?.exit !== 0,
      saw: `nameserver ${server}; dig api: ${own}; dig @${RIGHT}: ${right}; ${describe(fetches)}`,
    };
  },
  undo: (lab) => startCart(lab, RIGHT),
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'cart' }),
});

import { ask, describe, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import type { KubeObject, Lab } from '../lab.ts';
import { client, onNode } from '../objects.ts';

const LOCAL = '169.254.20.10';
const kiosk = (lab: Lab) =>
  client(
    SHOP,
    'kiosk',
    { app: 'kiosk' },
    {
      ...onNode(lab.nodeName(SOURCE_NODE)),
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: [LOCAL],
        searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
        options: [{ name: 'ndots', value: '5' }],
      },
    },
  );
const config: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'node-local-dns', namespace: SHOP },
  data: { Corefile: '. {\n    errors\n    forward . 10.96.0.10\n}\n' },
};
const cache = (lab: Lab): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'node-local-dns', namespace: SHOP, labels: { app: 'node-local-dns' } },
  spec: {
    ...onNode(lab.nodeName(SOURCE_NODE)),
    hostNetwork: true,
    dnsPolicy: 'Default',
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'dns',
        image: 'localhost/coredns:1.15',
        imagePullPolicy: 'Never',
        args: ['-conf', '/etc/coredns/Corefile'],
        volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'node-local-dns' } }],
  },
});

async function bind(lab: Lab): Promise<void> {
  await lab.onNode(SOURCE_NODE, 'ip', 'addr', 'replace', `${LOCAL}/32`, 'dev', 'lo');
}

async function startCache(lab: Lab): Promise<void> {
  await bind(lab);
  await lab.apply([config, cache(lab)], 'dns-nodelocal-down');
  await lab.ready([cache(lab)]);
}

// Emulated: the kernel of the lab has no dummy links, so the address is on lo, and the cache is a CoreDNS Pod that forwards.
export default defineFault({
  id: 'dns-nodelocal-down',
  about: `emulated: kiosk asks a DNS cache on its node (${LOCAL}), and that has ended`,
  objects: (lab) => [config, cache(lab), kiosk(lab)],
  flow: { namespace: SHOP, source: 'kiosk', destination: 'api', url: 'http://api/' },
  patience: 30,
  choose: async (lab) => {
    await bind(lab);
    return { node: lab.nodeName(SOURCE_NODE) };
  },
  breakIt: (lab) => lab.delete([cache(lab)]),
  async witness(lab) {
    const pod = await lab.from(SHOP, 'kiosk');
    const [own, direct] = [
      await pod.dig('api.shop.svc.cluster.local.', `@${LOCAL}`),
      await pod.dig('api.shop.svc.cluster.local.', '@10.96.0.10'),
    ];
    const runs = await lab.field('{.metadata.name}', '-n', SHOP, 'pod', 'node-local-dns');
    const fetches = await ask(lab, { namespace: SHOP, source: 'kiosk', destination: 'api', url: 'http://api/' });
    return {
      seen: runs === '' && own.startsWith('no answer') && direct.startsWith('NOERROR'),
      saw: `cache Pod ${runs || 'gone'}; dig @${LOCAL}: ${own}; dig @10.96.0.10: ${direct}; ${describe(fetches)}`,
    };
  },
  undo: startCache,
  subject: ({ node }) => ({ kind: 'Node', name: `${node}` }),
});

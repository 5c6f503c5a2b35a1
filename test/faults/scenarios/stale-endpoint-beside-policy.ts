import { ask, describe, FAR_NODE, failed, oneBackend, SHOP, slices, webToApi } from '../base.ts';
import { defineScenario } from '../define.ts';
import { policy } from '../objects.ts';

/** Admits this flow: what fails is not its doing. */
const open = policy(SHOP, 'api-from-shop', {
  podSelector: { matchLabels: { app: 'api' } },
  policyTypes: ['Ingress'],
  ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080, protocol: 'TCP' }] }],
});

export default defineScenario({
  name: 'stale-endpoint-beside-policy',
  about:
    'one of three endpoints is a deleted Pod, because the controller manager is down; a policy beside it admits the flow',
  objects: [open],
  flow: webToApi,
  matters: { policy: true },
  async choose(lab) {
    const [{ name, ip }, [slice]] = [
      await oneBackend(lab, SHOP, 'api', lab.nodeName(FAR_NODE)),
      await slices(lab, SHOP, 'api'),
    ];
    return { pod: name, ip, slice: slice?.metadata.name ?? '' };
  },
  async breakIt(lab, { pod }) {
    await lab.stop(1, 'kcm');
    await lab.kubectl('-n', SHOP, 'delete', 'pod', pod, '--force', '--grace-period=0');
  },
  async witness(lab, { pod, ip }) {
    const listed = (await slices(lab, SHOP, 'api')).flatMap((slice) => slice.endpoints ?? []);
    const owners = await lab.field(`{.items[?(@.status.podIP=="${ip}")].metadata.name}`, '-n', SHOP, 'pods');
    const direct = await (await lab.from(SHOP, 'web')).fetch(`http://${ip}:8080/`);
    const fetches = await ask(lab, webToApi, 8);
    return {
      seen:
        listed.length === 3 &&
        listed.some(({ addresses }) => addresses.includes(ip)) &&
        owners === '' &&
        failed(direct) &&
        fetches.some(({ exit }) => exit === 0),
      saw: `${listed.length} endpoints, ${ip} of ${pod} has no Pod; directly: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab) => lab.start(1, 'kcm'),
  order: ({ slice = '' }) => [
    { id: 'endpointslice-stale', role: 'cause', subject: { kind: 'EndpointSlice', namespace: SHOP, name: slice } },
  ],
});

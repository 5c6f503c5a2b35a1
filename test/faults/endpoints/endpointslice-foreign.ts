import { ask, describe, failed, SHOP, slices, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import type { KubeObject } from '../lab.ts';

/** On the far node, and nobody's. */
const DEAD = '10.244.3.250';

const extra: KubeObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'api-extra',
    namespace: SHOP,
    labels: { 'kubernetes.io/service-name': 'api', 'endpointslice.kubernetes.io/managed-by': 'migration.example.com' },
  },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: [{ addresses: [DEAD] }],
};

export default defineFault({
  id: 'endpointslice-foreign',
  about: 'a slice that somebody left behind adds a dead address to api',
  flow: webToApi,
  async breakIt(lab) {
    await lab.apply([extra]);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const listed = (await slices(lab, SHOP, 'api')).filter((slice) =>
      slice.endpoints?.some(({ addresses }) => addresses.includes(DEAD)),
    );
    const direct = await web.fetch(`http://${DEAD}:8080/`, 1, 5);
    const fetches = await ask(lab, webToApi, 12, 5);
    return {
      seen: listed.length === 1 && direct[0]?.exit !== 0 && failed(fetches),
      saw: `${DEAD} in ${listed.map(({ metadata }) => metadata.name).join(' ') || 'no slice'}; directly: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab) => lab.delete([extra]),
  subject: () => ({ kind: 'EndpointSlice', namespace: SHOP, name: 'api-extra' }),
});

import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { KubeObject, Lab } from '../lab.ts';
import { service } from '../objects.ts';

const store = (family: 'IPv4' | 'IPv6') =>
  service(SHOP, 'store', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }], {
    ipFamilies: [family],
    ipFamilyPolicy: 'SingleStack',
  });
const flow = { namespace: SHOP, source: 'web', destination: 'store', url: 'http://store/' };

/** The first family of a Service cannot be changed. */
async function replace(lab: Lab, by: KubeObject): Promise<void> {
  await lab.delete([by]);
  await lab.apply([by], 'ip-family-mismatch');
}

export default defineFault({
  id: 'ip-family-mismatch',
  about: 'store was made anew as an IPv6 Service; its Pods, and those of the whole cluster, have IPv4 addresses only',
  objects: [store('IPv4')],
  flow,
  breakIt: (lab) => replace(lab, store('IPv6')),
  async witness(lab) {
    const ip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'store');
    const pods = await lab.field('{.items[*].status.podIPs[*].ip}', '-n', SHOP, 'pods', '-l', 'app=api');
    const inSlices = await lab.field(
      '{.items[*].endpoints[*].addresses[*]}',
      '-n',
      SHOP,
      'endpointslices',
      '-l',
      'kubernetes.io/service-name=store',
    );
    const fetches = await ask(lab, flow);
    return {
      seen: ip.includes(':') && pods !== '' && !pods.includes(':') && inSlices === '' && fetches[0]?.exit !== 0,
      saw: `clusterIP ${ip}; Pods ${pods}; in its slices: ${inSlices || 'nothing'}; ${describe(fetches)}`,
    };
  },
  undo: (lab) => replace(lab, store('IPv4')),
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'store' }),
});

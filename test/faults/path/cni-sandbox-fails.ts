import { backends, FAR_NODE, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { app, deployment, onNode, service, tcpReadiness } from '../objects.ts';

const CONFIG = '/etc/cni/net.d/10-lab.conflist';
const KEPT = '/etc/cni/10-lab.kept';

export default defineFault({
  id: 'cni-sandbox-fails',
  about: 'the range of addresses of one node is used up: the next Pod of stock there gets no network',
  objects: (lab) => [
    deployment(SHOP, 'stock', {
      replicas: 1,
      container: app(tcpReadiness),
      podSpec: onNode(lab.nodeName(FAR_NODE)),
      spec: { strategy: { type: 'Recreate', rollingUpdate: null } },
    }),
    service(SHOP, 'stock', { app: 'stock' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  ],
  flow: { namespace: SHOP, source: 'web', destination: 'stock', url: 'http://stock/' },
  patience: 40,
  choose: async (lab) => ({ node: lab.nodeName(FAR_NODE) }),
  async breakIt(lab) {
    // The one address that is left is that of the bridge itself.
    await lab.onNode(
      FAR_NODE,
      'sh',
      '-c',
      `cp ${CONFIG} ${KEPT} && sed -E 's#"subnet":"([0-9.]+)0/24"#&,"rangeStart":"\\11","rangeEnd":"\\11"#' ${KEPT} > ${CONFIG}`,
    );
    await lab.kubectl('-n', SHOP, 'delete', 'pods', '-l', 'app=stock', '--grace-period=1');
  },
  async witness(lab) {
    const events = await lab.list<{ reason?: string; message?: string; involvedObject: { name?: string } }>(
      '-n',
      SHOP,
      'events',
    );
    const event = events.findLast(
      ({ reason, involvedObject }) =>
        reason === 'FailedCreatePodSandBox' && involvedObject.name?.startsWith('stock-') === true,
    );
    const ready = (await backends(lab, SHOP, 'stock')).length;
    return {
      seen: ready === 0 && /no IP addresses available/.test(event?.message ?? ''),
      saw: `${ready} Pods of stock are Ready; ${event?.message?.slice(-120) ?? 'no such event'}`,
    };
  },
  async undo(lab) {
    await lab.onNode(FAR_NODE, 'sh', '-c', `[ ! -e ${KEPT} ] || { cat ${KEPT} > ${CONFIG}; rm ${KEPT}; }`);
    await lab.kubectl('-n', SHOP, 'delete', 'pods', '-l', 'app=stock', '--grace-period=1');
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

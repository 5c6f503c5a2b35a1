import { ask, describe, endpoints, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { app, deployment, service } from '../objects.ts';

// The server listens on 8080 all the time: only what the kubelet asks changes.
const peers = (port: number) =>
  deployment(SHOP, 'peers', {
    replicas: 1,
    container: app({ readinessProbe: { tcpSocket: { port }, periodSeconds: 1, failureThreshold: 1 } }),
    spec: { strategy: { type: 'Recreate', rollingUpdate: null } },
  });
const headless = service(SHOP, 'peers', { app: 'peers' }, [{ name: 'http', port: 8080, targetPort: 8080 }], {
  clusterIP: 'None',
});
const flow = { namespace: SHOP, source: 'web', destination: 'peers:8080', url: 'http://peers:8080/' };

async function probing(lab: Lab, port: number): Promise<void> {
  await lab.apply([peers(port)], 'dns-headless-empty');
}

export default defineFault({
  id: 'dns-headless-empty',
  about: 'peers is headless and its only Pod is not Ready, so its name does not exist',
  objects: [peers(8080), headless],
  flow,
  patience: 25,
  breakIt: (lab) => probing(lab, 9),
  async witness(lab) {
    const answer = await (await lab.from(SHOP, 'web')).dig('peers.shop.svc.cluster.local.');
    const { ready, all, saw } = await endpoints(lab, SHOP, 'peers');
    const pods = await lab.field('{.items[*].status.phase}', '-n', SHOP, 'pods', '-l', 'app=peers');
    const fetches = await ask(lab, flow);
    return {
      seen: all === 1 && ready === 0 && pods === 'Running' && answer === 'NXDOMAIN' && fetches[0]?.exit === 6,
      saw: `${saw}; Pods ${pods}; dig: ${answer}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await probing(lab, 8080);
    await lab.ready([peers(8080)]);
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'peers' }),
});

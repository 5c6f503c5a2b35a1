import { allFailed, ask, describe, SHOP, slices } from '../base.ts';
import { defineFault } from '../define.ts';
import { app, deployment, service } from '../objects.ts';
import { rollout, webToStock } from '../stock.ts';

/** Closes its port as soon as it is told to end, and takes its time with the rest. */
const hasty =
  'mkdir -p /tmp/www; hostname > /tmp/www/index.html; trap "killall httpd; sleep 60; exit" TERM; httpd -f -p 8080 -h /tmp/www & wait; wait';

export default defineFault({
  id: 'terminating-endpoint-race',
  about: 'stock is replaced (strategy Recreate); its old Pods close their port at once and end a minute later',
  objects: [
    deployment(SHOP, 'stock', {
      container: app({
        command: ['sh', '-c', hasty],
        readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
      }),
      spec: { strategy: { type: 'Recreate' }, progressDeadlineSeconds: 60 },
      podSpec: { terminationGracePeriodSeconds: 90 },
    }),
    service(SHOP, 'stock', { app: 'stock' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  ],
  flow: webToStock,
  async breakIt(lab) {
    await lab.kubectl('-n', SHOP, 'rollout', 'restart', 'deployment/stock');
  },
  async witness(lab) {
    const all = (await slices(lab, SHOP, 'stock'))
      .flatMap((slice) => slice.endpoints ?? [])
      .map(({ conditions }) => conditions);
    const leaving = all.filter((conditions) => conditions?.terminating && conditions.serving).length;
    const fetches = await ask(lab, webToStock, 4);
    return {
      seen: leaving === 2 && all.length === 2 && allFailed(fetches),
      saw: `slice of stock: ${leaving} of ${all.length} terminating and serving; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.kubectl('-n', SHOP, 'delete', 'pods', '-l', 'app=stock', '--force', '--grace-period=0');
    await lab.kubectl(...rollout);
  },
  subject: () => ({ kind: 'Deployment', namespace: SHOP, name: 'stock' }),
});

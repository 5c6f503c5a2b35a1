import { SHOP } from '../base.ts';
import { defineTrap } from '../define.ts';
import { app, deployment, service, tcpReadiness } from '../objects.ts';

const fresh = [
  deployment(SHOP, 'fresh', { container: app(tcpReadiness) }),
  service(SHOP, 'fresh', { app: 'fresh' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
];

export default defineTrap({
  name: 'just-created',
  about: 'fresh and its Pods are seconds old: slices, Pods and nodes still hear of them',
  flow: { namespace: SHOP, source: 'web', destination: 'fresh', url: 'http://fresh/' },
  patience: 30,
  makeOdd: (lab) => lab.apply(fresh, 'just-created'),
  // The Pods are asked for as soon as one of them can be reached: the other one may still be on its way.
  async odd(lab) {
    const made = await lab.field('{.metadata.creationTimestamp}', '-n', SHOP, 'service', 'fresh');
    const ready = await lab.field('{.status.readyReplicas}', '-n', SHOP, 'deployment', 'fresh');
    return {
      seen: made !== '' && Number(ready) > 0,
      saw: `made at ${made || 'no time'}, ${ready || 0} of 2 Pods Ready`,
    };
  },
  undo: (lab) => lab.delete(fresh),
});

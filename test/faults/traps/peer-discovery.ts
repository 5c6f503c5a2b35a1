import { SHOP, slices } from '../base.ts';
import { defineTrap } from '../define.ts';
import { app, deployment, service } from '../objects.ts';

const peers = [
  deployment(SHOP, 'ring', {
    container: app({ readinessProbe: { exec: { command: ['test', '-e', '/tmp/joined'] }, periodSeconds: 1 } }),
  }),
  service(SHOP, 'ring', { app: 'ring' }, [{ name: 'http', port: 8080, targetPort: 'http' }], {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
  }),
];

export default defineTrap({
  name: 'peer-discovery',
  about: 'ring publishes Pods that are not Ready, on purpose, so that they can find each other; they answer',
  flow: { namespace: SHOP, source: 'web', destination: 'ring:8080', url: 'http://ring:8080/' },
  async makeOdd(lab) {
    await lab.apply(peers, 'peer-discovery');
  },
  async odd(lab) {
    const ready = await lab.field(
      '{.items[*].status.conditions[?(@.type=="Ready")].status}',
      '-n',
      SHOP,
      'pods',
      '-l',
      'app=ring',
    );
    const published = (await slices(lab, SHOP, 'ring'))
      .flatMap((slice) => slice.endpoints ?? [])
      .map(({ conditions }) => conditions?.ready);
    return {
      seen: ready === 'False False' && published.join(' ') === 'true true',
      saw: `Pods Ready: ${ready || 'none'}; slice ready: ${published.join(' ') || 'none'}`,
    };
  },
  undo: (lab) => lab.delete(peers),
});

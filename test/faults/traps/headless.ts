import { SHOP } from '../base.ts';
import { defineTrap } from '../define.ts';
import { service } from '../objects.ts';

const headless = service(SHOP, 'api-peers', { app: 'api' }, [{ name: 'http', port: 8080, targetPort: 8080 }], {
  clusterIP: 'None',
});

export default defineTrap({
  name: 'headless',
  about: 'api-peers is headless: no ClusterIP, one A record for each Pod, the port is the Pods’ own',
  flow: { namespace: SHOP, source: 'web', destination: 'api-peers:8080', url: 'http://api-peers:8080/' },
  makeOdd: (lab) => lab.apply([headless], 'headless'),
  async odd(lab) {
    const answer = await (await lab.from(SHOP, 'web')).dig('api-peers.shop.svc.cluster.local.');
    const ip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'api-peers');
    return {
      seen: ip === 'None' && answer.split(' ').length === 4,
      saw: `clusterIP ${ip || 'absent'}, dig: ${answer}`,
    };
  },
  undo: (lab) => lab.delete([headless]),
});

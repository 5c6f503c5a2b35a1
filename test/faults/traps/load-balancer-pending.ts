import { SHOP } from '../base.ts';
import { defineTrap } from '../define.ts';
import { service } from '../objects.ts';

const outside = service(SHOP, 'api-outside', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }], {
  type: 'LoadBalancer',
});

export default defineTrap({
  name: 'load-balancer-pending',
  about: 'api-outside waits for a load balancer that this cluster does not have; its ClusterIP works',
  flow: { namespace: SHOP, source: 'web', destination: 'api-outside', url: 'http://api-outside/' },
  makeOdd: (lab) => lab.apply([outside], 'load-balancer-pending'),
  async odd(lab) {
    const [type, ingress] = (
      await lab.field('{.spec.type}|{.status.loadBalancer.ingress}', '-n', SHOP, 'service', 'api-outside')
    ).split('|');
    return {
      seen: type === 'LoadBalancer' && ingress === '',
      saw: `type ${type || 'absent'}, addresses: ${ingress || 'none'}`,
    };
  },
  undo: (lab) => lab.delete([outside]),
});

import { SHOP } from '../base.ts';
import { OUTSIDE } from '../corefile.ts';
import { defineTrap } from '../define.ts';

const mirror = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'mirror', namespace: SHOP },
  spec: { type: 'ExternalName', externalName: OUTSIDE.host },
};

export default defineTrap({
  name: 'external-name',
  about: `mirror is an alias of ${OUTSIDE.host}: no selector, no endpoints, no address of its own`,
  flow: { namespace: SHOP, source: 'web', destination: 'mirror:80', url: 'http://mirror/' },
  makeOdd: (lab) => lab.apply([mirror], 'external-name'),
  async odd(lab) {
    const ip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'mirror');
    const answer = await (await lab.from(SHOP, 'web')).dig('mirror.shop.svc.cluster.local.');
    return {
      seen: ip === '' && answer === `NOERROR ${OUTSIDE.address}`,
      saw: `clusterIP ${ip || 'absent'}, dig: ${answer}`,
    };
  },
  undo: (lab) => lab.delete([mirror]),
});

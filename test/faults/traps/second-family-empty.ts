import { SHOP, slices } from '../base.ts';
import { defineTrap } from '../define.ts';
import { service } from '../objects.ts';

const both = service(SHOP, 'both', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }], {
  ipFamilyPolicy: 'PreferDualStack',
});

export default defineTrap({
  name: 'second-family-empty',
  about: 'both has an IPv4 and an IPv6 address; its Pods have IPv4 only, so that one slice is empty',
  flow: { namespace: SHOP, source: 'web', destination: 'both', url: 'http://both/' },
  makeOdd: (lab) => lab.apply([both], 'second-family-empty'),
  async odd(lab) {
    const ips = await lab.field('{.spec.clusterIPs[*]}', '-n', SHOP, 'service', 'both');
    const sizes = (await slices(lab, SHOP, 'both')).map((slice) => slice.endpoints?.length ?? 0).sort();
    return {
      seen: ips.includes(':') && ips.includes('.') && sizes.join(' ') === '0 3',
      saw: `clusterIPs ${ips || 'none'}; endpoints in its slices: ${sizes.join(' ') || 'none'}`,
    };
  },
  undo: (lab) => lab.delete([both]),
});

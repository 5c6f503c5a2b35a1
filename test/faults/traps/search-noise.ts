import { SHOP } from '../base.ts';
import { defineTrap } from '../define.ts';
import { client } from '../objects.ts';

const noisy = client(SHOP, 'noisy', { app: 'noisy' }, { dnsConfig: { searches: ['corp.example.org'] } });

export default defineTrap({
  name: 'search-noise',
  about: 'noisy asks for api.shop with a search list of its own: two NXDOMAINs come before the answer',
  flow: { namespace: SHOP, source: 'noisy', destination: 'api.shop', url: 'http://api.shop/' },
  async makeOdd(lab) {
    await lab.apply([noisy], 'search-noise');
    await lab.ready([noisy]);
  },
  async odd(lab) {
    if ((await lab.field('{.status.phase}', '-n', SHOP, 'pod', 'noisy')) !== 'Running')
      return { seen: false, saw: 'noisy does not run' };
    const pod = await lab.from(SHOP, 'noisy');
    const search = (await pod.run(['sed', '-n', 's/^search //p', '/etc/resolv.conf'])).stdout.trim();
    const tries = await Promise.all(search.split(' ').map((domain) => pod.dig(`api.shop.${domain}.`)));
    return {
      seen: search.includes('corp.example.org') && tries[0] === 'NXDOMAIN',
      saw: `search ${search}: ${tries.join(', ')}`,
    };
  },
  undo: (lab) => lab.delete([noisy]),
});

import { SHOP } from '../base.ts';
import { OUTSIDE } from '../corefile.ts';
import { defineTrap } from '../define.ts';
import { client } from '../objects.ts';

const noisy = client(SHOP, 'wanderer', { app: 'wanderer' }, { dnsConfig: { searches: ['corp.example.org'] } });

export default defineTrap({
  name: 'outside-search',
  about: `wanderer asks for ${OUTSIDE.host}: ndots:5 asks for four names that do not exist before it, and it has no AAAA record`,
  flow: { namespace: SHOP, source: 'wanderer', destination: OUTSIDE.url, url: OUTSIDE.url },
  async makeOdd(lab) {
    await lab.apply([noisy], 'outside-search');
    await lab.ready([noisy]);
  },
  async odd(lab) {
    if ((await lab.field('{.status.phase}', '-n', SHOP, 'pod', 'wanderer')) !== 'Running')
      return { seen: false, saw: 'wanderer does not run' };
    const pod = await lab.from(SHOP, 'wanderer');
    const search = (await pod.run(['sed', '-n', 's/^search //p', '/etc/resolv.conf'])).stdout.trim().split(' ');
    const tries = await Promise.all(search.map((domain) => pod.dig(`${OUTSIDE.host}.${domain}.`)));
    const six = await pod.dig(`${OUTSIDE.host}.`, '-t', 'AAAA');
    return {
      seen: search.length >= 4 && tries.every((answer) => answer === 'NXDOMAIN') && six === 'NOERROR',
      saw: `search ${search.join(' ')}: ${tries.join(', ')}; AAAA: ${six}`,
    };
  },
  undo: (lab) => lab.delete([noisy]),
});

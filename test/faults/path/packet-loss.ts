import { farBackend, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { breakWay, healWay, way } from '../pages.ts';

export default defineFault({
  id: 'packet-loss',
  about: 'a quarter of the packets between one node and the others is lost by chance, in both directions',
  // Three tries and eight more of those would have to go well at once, or all of twenty.
  flow: webToApi,
  patience: 40,
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    return { node, ip };
  },
  breakIt: (lab) => breakWay(lab, 'numgen random mod 100 < 25'),
  async witness(lab, { ip }) {
    const web = await lab.from(SHOP, 'web');
    const ping = (await web.run(['ping', '-q', '-c60', '-i0.02', '-W1', `${ip}`])).stdout;
    const received = Number(/(\d+) received/.exec(ping)?.[1] ?? 0);
    return { seen: received > 5 && received < 55, saw: `${received} of 60 pings answered; ${await way(lab)}` };
  },
  undo: healWay,
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

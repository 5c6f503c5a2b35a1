import { SHOP, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';
import type { Lab } from '../lab.ts';

const PODS = 1450;
const set = async (lab: Lab, mtu: number) => {
  const outcome = await (await lab.from(SHOP, 'web')).run(['ip', 'link', 'set', 'eth0', 'mtu', String(mtu)]);
  if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
};

export default defineTrap({
  name: 'smaller-mtu',
  about: 'web has MTU 1300, other Pods 1450, nodes 1500; packets of every size that is announced arrive',
  flow: webToApi,
  makeOdd: (lab) => set(lab, 1300),
  async odd(lab) {
    const web = await lab.from(SHOP, 'web');
    const shown = /mtu (\d+)/.exec((await web.run(['ip', 'link', 'show', 'eth0'])).stdout)?.[1];
    return { seen: Number(shown) < PODS, saw: `MTU of web: ${shown}, of Pods elsewhere: ${PODS}` };
  },
  undo: (lab) => set(lab, PODS),
});

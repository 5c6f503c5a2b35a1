import { backends, SHOP, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';
import type { Lab } from '../lab.ts';

const NODES = [1, 2, 3];
const rule = ['FORWARD', '-p', 'icmp', '--icmp-type', 'echo-request', '-j', 'DROP'];
const onAll = (lab: Lab, flag: string) =>
  Promise.all(NODES.map((node) => lab.onNode(node, 'iptables', '-w', flag, ...rule)));

export default defineTrap({
  name: 'icmp-dropped',
  about: 'no Pod answers ping, because the nodes drop echo requests; TCP works',
  flow: webToApi,
  async makeOdd(lab) {
    await onAll(lab, '-I');
  },
  async odd(lab) {
    const web = await lab.from(SHOP, 'web');
    const pings = await Promise.all(
      (await backends(lab, SHOP, 'api')).map(({ ip }) => web.run(['ping', '-c1', '-W1', ip])),
    );
    return {
      seen: pings.every(({ exitCode }) => exitCode === 1),
      saw: `ping of the Pods: exit ${pings.map(({ exitCode }) => exitCode).join(' ')}`,
    };
  },
  async undo(lab) {
    await onAll(lab, '-D');
  },
});

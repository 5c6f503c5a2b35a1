import { SHOP, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';
import type { Lab } from '../lab.ts';

const offload = async (lab: Lab, value: 'on' | 'off') => {
  const outcome = await (await lab.from(SHOP, 'web')).run(['ethtool', '-K', 'eth0', 'tx', value]);
  if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
};

/** What tcpdump says of the checksums of packets that web sends. */
async function seenAtSender(lab: Lab): Promise<string> {
  const web = await lab.from(SHOP, 'web');
  const [capture] = await Promise.all([
    web.run(['timeout', '2', 'tcpdump', '-c1', '-vni', 'eth0', 'tcp[tcpflags] & tcp-syn != 0 and dst port 80']),
    new Promise((resolve) => setTimeout(resolve, 500)).then(() => web.fetch(webToApi.url)),
  ]);
  return capture.stdout;
}

export default defineTrap({
  name: 'checksum-offload',
  about: 'a capture at the sender calls every checksum incorrect, because it is filled in later; packets arrive',
  flow: { ...webToApi, access: 'node' },
  async choose(lab) {
    await offload(lab, 'off');
    return {};
  },
  makeOdd: (lab) => offload(lab, 'on'),
  async odd(lab) {
    const said = await seenAtSender(lab);
    const count = said.match(/cksum 0x\w+ \(incorrect/g)?.length ?? 0;
    return { seen: count > 0, saw: `tcpdump at the sender calls ${count} of 1 packets incorrect` };
  },
  undo: (lab) => offload(lab, 'off'),
});

import { SHOP, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';

// Nothing has to be made odd: only TCP, UDP and SCTP are translated, and no device has the address.
export default defineTrap({
  name: 'vip-without-ping',
  about: 'the address of the Service answers no ping, as ever; TCP works',
  flow: webToApi,
  async makeOdd() {},
  async odd(lab) {
    const ip = (await lab.kubectl('-n', SHOP, 'get', 'service', 'api', '-o', 'jsonpath={.spec.clusterIP}')).trim();
    const web = await lab.from(SHOP, 'web');
    const { exitCode } = await web.run(['ping', '-c1', '-W1', ip]);
    return { seen: exitCode !== 0, saw: `ping ${ip}: exit ${exitCode}` };
  },
  async undo() {},
});

import { SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

const FIRST = 40_000;
const PORTS = 64;
const RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

export default defineFault({
  id: 'client-port-exhaustion',
  about: 'web may use 64 source ports, and holds 64 connections to the Service address of api',
  flow: webToApi,
  async choose(lab) {
    const range = (await (await lab.from(SHOP, 'web')).run(['cat', RANGE])).stdout.trim();
    return {
      range: range.replace(/\s+/, ' '),
      vip: await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'api'),
    };
  },
  async breakIt(lab, { vip }) {
    const web = await lab.from(SHOP, 'web');
    await web.run(['sh', '-c', `echo ${FIRST} ${FIRST + PORTS - 1} > ${RANGE}`]);
    await lab.exec(
      SHOP,
      'web',
      `for i in $(seq ${PORTS + 6}); do (sleep 600 | nc ${vip} 80) >/dev/null 2>&1 & done; sleep 0.5`,
    );
  },
  async witness(lab, { vip }) {
    const web = await lab.from(SHOP, 'web');
    const range = (await web.run(['cat', RANGE])).stdout.trim();
    const held = (await web.run(['ss', '-Htan', 'dst', `${vip}`])).stdout.split('\n').filter(Boolean).length;
    const connect = await web.run(['nc', '-zv', '-w', '1', `${vip}`, '80']);
    return {
      seen: /Cannot assign requested address/.test(connect.stderr),
      saw: `range ${range}, ${held} sockets towards ${vip}; nc: ${connect.stderr.trim()}`,
    };
  },
  async undo(lab, { range }) {
    await lab.exec(SHOP, 'web', 'killall nc sleep; true');
    await (await lab.from(SHOP, 'web')).run(['sh', '-c', `echo ${range} > ${RANGE}`]);
  },
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'web' }),
});

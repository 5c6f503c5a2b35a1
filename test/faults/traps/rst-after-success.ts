import { oneBackend, SHOP, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';

const LOOP = 'netdebug-trap-rst';

export default defineTrap({
  name: 'rst-after-success',
  about: 'another client of the same Pod closes every connection with a reset, as health checkers do',
  flow: webToApi,
  async makeOdd(lab) {
    const { ip } = await oneBackend(lab, SHOP, 'api');
    const web = await lab.from(SHOP, 'web');
    const line = `echo $$ > /tmp/${LOOP}; while :; do timeout 1 socat -u /dev/null TCP:${ip}:8080,linger=0; sleep 0.1; done`;
    await web.run(['sh', '-c', `setsid sh -c '${line}' >/dev/null 2>&1 </dev/null &`]);
  },
  async odd(lab) {
    const web = await lab.from(SHOP, 'web');
    const seen = await web.run([
      'timeout',
      '3',
      'tcpdump',
      '-i',
      'eth0',
      '-n',
      '-c',
      '2',
      'tcp[tcpflags] & tcp-rst != 0',
    ]);
    return {
      seen: seen.exitCode === 0,
      saw: `resets on eth0 of web: ${seen.stdout.trim().split('\n')[0] || 'none in 3 s'}`,
    };
  },
  async undo(lab) {
    await (await lab.from(SHOP, 'web')).run(['sh', '-c', `kill $(cat /tmp/${LOOP}); rm -f /tmp/${LOOP}`]);
  },
});

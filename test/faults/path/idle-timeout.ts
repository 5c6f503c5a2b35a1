import { SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';

const KEY = 'net.netfilter.nf_conntrack_tcp_timeout_established';
const RULES = ['-m conntrack --ctstate INVALID -j DROP', '-p tcp ! --syn -m conntrack --ctstate NEW -j DROP'] as const;
const eachRule = (does: string) => RULES.map((rule) => `iptables -w ${does} FORWARD ${rule}`).join('; ');

/** Whether a request is answered on a connection that was silent for so long before. */
async function answers(lab: Lab, vip: string, seconds: number): Promise<boolean> {
  const tools = await lab.from(SHOP, 'web');
  const said = await tools.run([
    'bash',
    '-c',
    `(sleep ${seconds}; printf 'GET / HTTP/1.0\\r\\n\\r\\n'; sleep 3) | socat -T${seconds + 4} - TCP4:${vip}:80`,
  ]);
  return said.stdout.includes('HTTP/1.');
}

export default defineFault({
  id: 'idle-timeout',
  about: 'the node of the source forgets idle connections after 10 s and drops what fits none',
  flow: {
    namespace: SHOP,
    source: 'web',
    destination: 'api',
    url: 'http://api/',
    flags: ['--idle', '30'],
  },
  harmless: true,
  confidence: ['proven'],
  patience: 60,
  async choose(lab) {
    const [vip, most] = [
      await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'api'),
      await lab.onNode(SOURCE_NODE, 'sysctl', '-n', KEY),
    ];
    return { vip, most: most.trim() };
  },
  async breakIt(lab) {
    await lab.onNode(SOURCE_NODE, 'sh', '-c', `sysctl -qw ${KEY}=10; ${eachRule('-I')}`);
  },
  async witness(lab, { vip }) {
    const [late, atOnce] = await Promise.all([answers(lab, `${vip}`, 20), answers(lab, `${vip}`, 0)]);
    return {
      seen: !late && atOnce,
      saw: `after 20 s of silence: ${late ? 'an answer' : 'no answer'}; at once: ${atOnce ? 'an answer' : 'no answer'}`,
    };
  },
  async undo(lab, { most }) {
    await lab.onNode(SOURCE_NODE, 'sh', '-c', `sysctl -qw ${KEY}=${most}; ${eachRule('-D')}; true`);
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'api' }),
});

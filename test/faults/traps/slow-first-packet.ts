import { oneBackend, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';
import type { Lab } from '../lab.ts';

const DELAY_MS = 60;
const rule = (action: '-I' | '-D', ip: string) =>
  `iptables -w ${action} FORWARD -p tcp --syn -d ${ip} --dport 8080 -j NFQUEUE --queue-num 9 --queue-bypass`;

async function connectMs(lab: Lab, ip: string): Promise<number> {
  const [fetch] = await (await lab.from(SHOP, 'web')).fetch(`http://${ip}:8080/`);
  return (fetch?.connectSeconds ?? 0) * 1000;
}

export default defineTrap({
  name: 'slow-first-packet',
  about: `the first packet of every connection to one backend of api takes ${DELAY_MS} ms, as after a cold start; what follows is quick`,
  flow: webToApi,
  async choose(lab) {
    const backend = await oneBackend(lab, SHOP, 'api', lab.nodeName(3));
    return { ip: backend.ip };
  },
  async makeOdd(lab, { ip }) {
    const start = `setsid delayq 9 ${DELAY_MS} >/dev/null 2>&1 </dev/null & echo $! > /run/delayq-syn.pid; ${rule('-I', ip)}`;
    await lab.onNode(SOURCE_NODE, 'sh', '-c', start);
  },
  async odd(lab, { ip }) {
    const { stdout } = await lab.node(SOURCE_NODE, ['iptables', '-w', '-S', 'FORWARD']);
    const delayed = stdout.includes('--queue-num 9');
    const ms = await connectMs(lab, ip);
    return { seen: delayed && ms >= DELAY_MS, saw: `connecting to ${ip} takes ${Math.round(ms)} ms` };
  },
  async undo(lab, { ip }) {
    await lab.node(SOURCE_NODE, [
      'sh',
      '-c',
      `kill "$(cat /run/delayq-syn.pid)"; rm -f /run/delayq-syn.pid; ${rule('-D', ip)}`,
    ]);
  },
});

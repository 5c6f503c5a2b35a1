import { SHOP } from '../base.ts';
import { defineScenario } from '../define.ts';
import { receive, sent, stats, webToStats } from '../stats.ts';

export default defineScenario({
  name: 'udp-port-closed',
  about: 'the application takes datagrams on another port than the Service sends them to',
  objects: stats(),
  flow: webToStats,
  breakIt: (lab) => receive(lab, 'elsewhere'),
  async witness(lab) {
    const saw = await sent(lab);
    return { seen: saw === 'refused', saw: `a datagram to the Pod: ${saw}` };
  },
  undo: (lab) => receive(lab, 'echo'),
  order: () => [
    { id: 'targetport-wrong', role: 'cause', subject: { kind: 'Service', namespace: SHOP, name: 'stats' } },
  ],
});

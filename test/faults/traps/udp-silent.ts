import { defineTrap } from '../define.ts';
import { receive, sent, stats, webToStats } from '../stats.ts';

export default defineTrap({
  name: 'udp-silent',
  about: 'stats takes datagrams and never answers, as statsd and syslog do',
  objects: stats(),
  flow: webToStats,
  makeOdd: (lab) => receive(lab, 'silence'),
  async odd(lab) {
    const saw = await sent(lab);
    return { seen: saw === 'silence', saw: `a datagram to the Pod: ${saw}` };
  },
  undo: (lab) => receive(lab, 'echo'),
});

import { SHOP } from '../base.ts';
import {
  delayUpstream,
  dnsPods,
  freshName,
  OUTSIDE,
  readCorefile,
  startWith,
  UPSTREAM,
  undelayUpstream,
} from '../corefile.ts';
import { defineFault } from '../define.ts';

const flow = { namespace: SHOP, source: 'web', destination: OUTSIDE.url, url: OUTSIDE.url };
const PID = '/run/dns-load.pid';

export default defineFault<{ corefile: string }>({
  id: 'dns-coredns-overloaded',
  about: 'CoreDNS may forward one query at a time, its upstream takes a second, and others ask all the time',
  flow,
  patience: 30,
  choose: async (lab) => ({ corefile: await readCorefile(lab) }),
  async breakIt(lab, { corefile }) {
    await delayUpstream(lab, UPSTREAM, 1000);
    await startWith(lab, corefile.replace(/max_concurrent \d+/, 'max_concurrent 1'));
    const ips = (await dnsPods(lab)).map(({ ip }) => ip).join(' ');
    const load = `while :; do for ip in ${ips}; do dig +tries=1 +time=2 @$ip l$RANDOM$RANDOM.example.com >/dev/null 2>&1 & done; sleep 0.2; done`;
    await lab.onNode(1, 'sh', '-c', `setsid bash -c '${load}' >/dev/null 2>&1 </dev/null & echo $! > ${PID}`);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const answers = await Promise.all([1, 2, 3, 4].map(() => web.dig(freshName('example.org'))));
    const inside = await web.dig('api.shop.svc.cluster.local.');
    return {
      seen: answers.filter((answer) => answer === 'REFUSED').length >= 3 && inside.startsWith('NOERROR'),
      saw: `four new outside names: ${answers.join(', ')}; api: ${inside}`,
    };
  },
  async undo(lab, { corefile }) {
    await lab.node(1, ['sh', '-c', `kill -- "-$(cat ${PID})" || kill "$(cat ${PID})"; rm -f ${PID}`]);
    await undelayUpstream(lab, UPSTREAM);
    await startWith(lab, corefile);
  },
  subject: () => ({ kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' }),
});

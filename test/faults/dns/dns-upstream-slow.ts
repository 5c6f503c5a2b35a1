import { SHOP } from '../base.ts';
import { delayUpstream, freshName, OUTSIDE, restartDns, UPSTREAM, undelayUpstream } from '../corefile.ts';
import { defineFault } from '../define.ts';

const DELAY_MS = 1500;
const flow = { namespace: SHOP, source: 'web', destination: OUTSIDE.url, url: OUTSIDE.url };

export default defineFault({
  id: 'dns-upstream-slow',
  about: `the upstream of CoreDNS answers ${DELAY_MS} ms late; names of the cluster come at once`,
  flow,
  patience: 30,
  async breakIt(lab) {
    await delayUpstream(lab, UPSTREAM, DELAY_MS);
    // What was asked before the break is in the cache.
    await restartDns(lab);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const timed = async (name: string) => {
      const { stdout } = await web.run(['dig', '+tries=1', '+time=4', name]);
      return {
        ms: Number(/Query time: (\d+) msec/.exec(stdout)?.[1] ?? -1),
        status: /status: (\w+)/.exec(stdout)?.[1],
      };
    };
    const [outside, inside] = [await timed(freshName('example.org')), await timed('api.shop.svc.cluster.local.')];
    return {
      seen: outside.ms >= DELAY_MS && outside.status === 'NXDOMAIN' && inside.ms >= 0 && inside.ms < DELAY_MS / 3,
      saw: `a new outside name: ${outside.status} after ${outside.ms} ms; api: ${inside.status} after ${inside.ms} ms`,
    };
  },
  undo: (lab) => undelayUpstream(lab, UPSTREAM),
  subject: () => ({ kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' }),
});

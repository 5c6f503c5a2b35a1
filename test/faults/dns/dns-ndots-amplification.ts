import { SHOP } from '../base.ts';
import { delayUpstream, freshName, OUTSIDE, readCorefile, startWith, undelayUpstream } from '../corefile.ts';
import { defineFault } from '../define.ts';
import { client } from '../objects.ts';

const DELAY_MS = 1500;
/** A second address of the lab's resolver, for one zone alone. */
const SLOW = '10.90.0.53';
const branch = client(SHOP, 'branch', { app: 'branch' }, { dnsConfig: { searches: ['slow.test'] } });
const flow = { namespace: SHOP, source: 'branch', destination: OUTSIDE.url, url: OUTSIDE.url };

export default defineFault<{ corefile: string }>({
  id: 'dns-ndots-amplification',
  about: `branch has the search domain slow.test, whose server answers ${DELAY_MS} ms late; ndots:5 asks it first`,
  objects: [branch],
  flow,
  patience: 30,
  choose: async (lab) => ({ corefile: await readCorefile(lab) }),
  async breakIt(lab, { corefile }) {
    await lab.phys('ip', 'addr', 'replace', `${SLOW}/32`, 'dev', 'br0');
    await delayUpstream(lab, SLOW, DELAY_MS);
    await startWith(lab, `${corefile}\nslow.test:53 {\n    errors\n    forward . ${SLOW}\n}\n`);
  },
  async witness(lab) {
    const pod = await lab.from(SHOP, 'branch');
    const timed = async (name: string) => {
      const { stdout } = await pod.run(['dig', '+tries=1', '+time=4', name]);
      return Number(/Query time: (\d+) msec/.exec(stdout)?.[1] ?? -1);
    };
    const [slow, right] = [await timed(freshName('slow.test')), await timed(freshName('example.org'))];
    return {
      seen: slow >= DELAY_MS && right >= 0 && right < DELAY_MS / 3,
      saw: `a name of slow.test: ${slow} ms; an outside name: ${right} ms`,
    };
  },
  async undo(lab, { corefile }) {
    await undelayUpstream(lab, SLOW);
    await startWith(lab, corefile);
    await lab.attempt(['phys', 'ip', 'addr', 'del', `${SLOW}/32`, 'dev', 'br0']);
  },
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'branch' }),
});

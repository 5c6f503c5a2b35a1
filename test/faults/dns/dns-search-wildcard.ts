import { SHOP } from '../base.ts';
import { OUTSIDE, readCorefile, startWith, withLines } from '../corefile.ts';
import { defineFault } from '../define.ts';
import { client } from '../objects.ts';

const WRONG = '10.9.9.9';
const office = client(SHOP, 'office', { app: 'office' }, { dnsConfig: { searches: ['corp.test'] } });
const flow = { namespace: SHOP, source: 'office', destination: OUTSIDE.url, url: OUTSIDE.url };
const WILDCARD = `template IN A corp.test {\n       answer "{{ .Name }} 60 IN A ${WRONG}"\n    }`;

export default defineFault<{ corefile: string }>({
  id: 'dns-search-wildcard',
  about: `corp.test, a search domain of office, has got a wildcard that says ${WRONG} to every name`,
  objects: [office],
  flow,
  patience: 60,
  choose: async (lab) => ({ corefile: await readCorefile(lab) }),
  breakIt: (lab, { corefile }) => startWith(lab, withLines(corefile, WILDCARD)),
  async witness(lab) {
    const pod = await lab.from(SHOP, 'office');
    const system = (await pod.run(['getent', 'ahostsv4', OUTSIDE.host])).stdout.trim().split(/\s+/)[0] ?? '';
    const [dotted, random] = [await pod.dig(`${OUTSIDE.host}.`), await pod.dig('zz4711.corp.test.')];
    return {
      seen: system === WRONG && dotted === `NOERROR ${OUTSIDE.address}` && random === `NOERROR ${WRONG}`,
      saw: `getent ${OUTSIDE.host}: ${system}; with a dot at the end: ${dotted}; zz4711.corp.test: ${random}`,
    };
  },
  undo: (lab, { corefile }) => startWith(lab, corefile),
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'office' }),
});

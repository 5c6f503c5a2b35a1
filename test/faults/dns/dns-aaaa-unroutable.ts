import { SHOP } from '../base.ts';
import { OUTSIDE, readCorefile, startWith, withLines } from '../corefile.ts';
import { defineFault } from '../define.ts';
import { client } from '../objects.ts';

const ADDRESS = '2001:db8::7';
const dual = client(SHOP, 'dual', { app: 'dual' });
const flow = { namespace: SHOP, source: 'dual', destination: OUTSIDE.url, url: OUTSIDE.url };
const AAAA = `template IN AAAA example.com {\n       answer "{{ .Name }} 60 IN AAAA ${ADDRESS}"\n    }`;

export default defineFault<{ corefile: string }>({
  id: 'dns-aaaa-unroutable',
  about: `${OUTSIDE.host} has got an IPv6 address; dual has a default route for IPv6 that leads nowhere`,
  objects: [dual],
  flow,
  patience: 60,
  choose: async (lab) => ({ corefile: await readCorefile(lab) }),
  async breakIt(lab, { corefile }) {
    const pod = await lab.from(SHOP, 'dual');
    // The neighbour is known and silent: packets leave, and nothing comes back.
    const commands = [
      'ip -6 addr replace fd00:7::2/64 dev eth0 nodad',
      'ip -6 neigh replace fd00:7::1 lladdr 02:00:00:00:07:01 nud permanent dev eth0',
      'ip -6 route replace default via fd00:7::1 dev eth0',
    ];
    const { exitCode, stderr } = await pod.run(['sh', '-ec', commands.join('; ')]);
    if (exitCode !== 0) throw new Error(`IPv6 in dual: ${stderr}`);
    await startWith(lab, withLines(corefile, AAAA));
  },
  async witness(lab) {
    const pod = await lab.from(SHOP, 'dual');
    const curl = async (family: string) =>
      (await pod.run(['curl', family, '-sS', '-o', '/dev/null', '-m', '2', OUTSIDE.url])).exitCode;
    const [v4, v6] = [await curl('-4'), await curl('-6')];
    const { stdout } = await pod.run(['dig', '+short', `${OUTSIDE.host}.`, 'AAAA']);
    return {
      seen: stdout.trim() === ADDRESS && v4 === 0 && v6 === 28,
      saw: `AAAA ${stdout.trim() || 'none'}; curl -4 ends with ${v4}, curl -6 with ${v6}`,
    };
  },
  async undo(lab, { corefile }) {
    const pod = await lab.from(SHOP, 'dual');
    await pod.run(['sh', '-c', 'ip -6 route del default; ip -6 addr del fd00:7::2/64 dev eth0']);
    await startWith(lab, corefile);
  },
  subject: () => ({ kind: 'Host', name: OUTSIDE.host }),
});

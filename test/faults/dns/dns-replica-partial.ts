import { SHOP, webToApi } from '../base.ts';
import { dnsPods } from '../corefile.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';

type Silent = { name: string; ip: string };

/** On every node, so that it does not matter where a query comes from. */
async function drop(lab: Lab, action: '-I' | '-D', ip: string): Promise<void> {
  const rule = ['iptables', '-w', action, 'FORWARD', '-d', ip, '-p', 'udp', '--dport', '53', '-j', 'DROP'];
  await Promise.all([1, 2, 3].map((node) => lab.onNode(node, ...rule)));
}

export default defineFault<Silent>({
  id: 'dns-replica-partial',
  about: 'queries to one of the two CoreDNS Pods are lost; the Service still sends it every second one',
  flow: webToApi,
  matters: { proxyMode: true },
  async choose(lab) {
    const [first] = await dnsPods(lab);
    if (!first) throw new Error('no CoreDNS Pod');
    return { name: first.name, ip: first.ip };
  },
  breakIt: (lab, { ip }) => drop(lab, '-I', ip),
  async witness(lab, { ip, name }) {
    const web = await lab.from(SHOP, 'web');
    const pods = await dnsPods(lab);
    const answers = await Promise.all(
      pods.map(async (pod) => ({ pod: pod.name, said: await web.dig('api.shop.svc.cluster.local.', `@${pod.ip}`) })),
    );
    const silent = answers.filter(({ said }) => said.startsWith('no answer'));
    const tries = await Promise.all(Array.from({ length: 10 }, () => web.dig('api.shop.svc.cluster.local.')));
    const lost = tries.filter((said) => said.startsWith('no answer')).length;
    return {
      seen: silent.length === 1 && silent[0]?.pod === name && lost > 0 && lost < 10,
      saw: `${answers.map(({ pod, said }) => `${pod}: ${said}`).join(', ')}; through the Service ${lost} of 10 lost (${ip})`,
    };
  },
  undo: (lab, { ip }) => drop(lab, '-D', ip),
  subject: ({ name }) => ({ kind: 'Pod', namespace: 'kube-system', name }),
});

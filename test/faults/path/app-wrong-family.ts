import { describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import { app, deployment, service, TOOLS_IMAGE } from '../objects.ts';

const url = 'http://ledger/';
const answer = "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nok\\n'";
const serve = `echo TCP6-LISTEN:8080,ipv6-v6only=0 > /tmp/listen; echo "${answer}" > /tmp/answer; while :; do socat "$(cat /tmp/listen),fork,reuseaddr" SYSTEM:"sh /tmp/answer"; done`;
const restart = (where: string) => `echo ${where} > /tmp/listen; kill $(pidof socat); true`;

export default defineFault({
  id: 'app-wrong-family',
  about: 'ledger listens on IPv6 only, while clients come with IPv4',
  objects: [
    deployment(SHOP, 'ledger', {
      replicas: 1,
      container: app({ image: TOOLS_IMAGE, command: ['bash', '-c', serve] }),
    }),
    service(SHOP, 'ledger', { app: 'ledger' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  ],
  flow: { namespace: SHOP, source: 'web', destination: 'ledger', url, access: 'backend' },
  async choose(lab) {
    const [pod] = (await lab.list<{ metadata: { name: string }; status: { podIP: string } }>(
      '-n',
      SHOP,
      'pods',
      '-l',
      'app=ledger',
    )) as [{ metadata: { name: string }; status: { podIP: string } }];
    return { pod: pod.metadata.name, ip: pod.status.podIP };
  },
  async breakIt(lab, { pod }) {
    await lab.exec(SHOP, pod, restart('TCP6-LISTEN:8080,ipv6-v6only=1'));
  },
  async witness(lab, { pod, ip }) {
    const inside = await lab.from(SHOP, pod);
    const socket = (await inside.run(['ss', '-ltnH', 'sport = :8080'])).stdout.trim().split(/\s+/)[3] ?? 'none';
    const six = await inside.fetch('http://[::1]:8080/');
    const four = await (await lab.from(SHOP, 'web')).fetch(`http://${ip}:8080/`);
    return {
      seen: socket === '[::]:8080' && six[0]?.exit === 0 && four[0]?.exit === 7,
      saw: `${pod} listens on ${socket}; by ::1: ${describe(six)}; by Pod IP: ${describe(four)}`,
    };
  },
  async undo(lab, { pod }) {
    await lab.exec(SHOP, pod, restart('TCP6-LISTEN:8080,ipv6-v6only=0'));
  },
  subject: ({ pod }) => ({ kind: 'Pod', namespace: SHOP, name: pod }),
});

import { describe, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { app, deployment, tcpReadiness } from '../objects.ts';

const FIXED = 45_000;
const GONE = '10.244.9.9';

/** Whether a line sent from this source port comes back. */
async function echoes(lab: Lab, vip: string, sourcePort: number): Promise<boolean> {
  const tools = await lab.from(SHOP, 'web');
  const said = await tools.run([
    'bash',
    '-c',
    `echo hello | socat -T1 - UDP4:${vip}:8125,sourceport=${sourcePort},reuseaddr`,
  ]);
  return said.stdout.includes('hello');
}

export default defineFault({
  id: 'udp-conntrack-stale',
  // kube-proxy clears such entries when endpoints go (since 1.32); the entry is made by hand, as an older one leaves it.
  about:
    'a UDP sender with a fixed port is tied to a Pod that is gone; the same Service works over TCP and for new senders',
  objects: [
    deployment(SHOP, 'statsd', {
      podSpec: {
        containers: [
          app(tcpReadiness),
          {
            name: 'echo',
            image: 'localhost/netshoot:latest',
            imagePullPolicy: 'IfNotPresent',
            command: ['socat', '-T1', 'UDP4-RECVFROM:8125,fork', 'EXEC:cat'],
          },
        ],
      },
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'statsd', namespace: SHOP },
      spec: {
        selector: { app: 'statsd' },
        ports: [
          { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
          { name: 'udp', port: 8125, targetPort: 8125, protocol: 'UDP' },
        ],
      },
    },
  ],
  flow: { namespace: SHOP, source: 'web', destination: 'statsd:80', url: 'http://statsd/', access: 'node' },
  harmless: true,
  async choose(lab) {
    const vip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'statsd');
    const ip = await lab.field('{.status.podIP}', '-n', SHOP, 'pod', 'web');
    return { vip, ip };
  },
  async breakIt(lab, { vip, ip }) {
    await lab.onNode(
      SOURCE_NODE,
      'sh',
      '-c',
      `conntrack -D -p udp -s ${ip} --sport ${FIXED} >/dev/null 2>&1; conntrack -I -p udp -s ${ip} -d ${vip} --sport ${FIXED} --dport 8125 --reply-src ${GONE} --reply-dst ${ip} --reply-port-src 8125 --reply-port-dst ${FIXED} -t 120 >/dev/null`,
    );
  },
  async witness(lab, { vip, ip }) {
    const [tied, fresh] = [await echoes(lab, `${vip}`, FIXED), await echoes(lab, `${vip}`, 0)];
    const entry = await lab.onNode(
      SOURCE_NODE,
      'sh',
      '-c',
      `conntrack -L -p udp -s ${ip} 2>/dev/null | grep "src=${GONE}"; true`,
    );
    const web = await lab.from(SHOP, 'web');
    return {
      seen: !tied && fresh && entry.includes('UNREPLIED'),
      saw: `from port ${FIXED}: ${tied ? 'an answer' : 'no answer'}; from a new port: ${fresh ? 'an answer' : 'no answer'}; entry: ${entry.trim() || 'none'}; over TCP: ${describe(await web.fetch(`http://${vip}/`))}`,
    };
  },
  async undo(lab, { ip }) {
    await lab.onNode(SOURCE_NODE, 'sh', '-c', `conntrack -D -p udp -s ${ip} --sport ${FIXED} >/dev/null 2>&1; true`);
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'statsd' }),
});

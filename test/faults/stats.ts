// `stats`: Pods that take datagrams on UDP 8125, as statsd does, beside a web server by which curl can tell that they run.
import { oneBackend, SHOP } from './base.ts';
import type { Flow } from './define.ts';
import type { KubeObject, Lab } from './lab.ts';
import { app, deployment, service, TOOLS_IMAGE, tcpReadiness } from './objects.ts';

// One way only: read from /dev/null ends at once, and socat with it.
const SINK = '-u UDP-RECV:8125 OPEN:/dev/null';
const ECHO = 'UDP-RECVFROM:8125,fork PIPE';
const serve = `echo "${ECHO}" > /tmp/how; while :; do socat $(cat /tmp/how); sleep 0.1; done`;

export function stats(): KubeObject[] {
  const sink = {
    name: 'sink',
    image: TOOLS_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['bash', '-c', serve],
    ports: [{ name: 'statsd', containerPort: 8125, protocol: 'UDP' }],
  };
  return [
    deployment(SHOP, 'stats', {
      replicas: 1,
      container: app(tcpReadiness),
      podSpec: { containers: [app(tcpReadiness), sink] },
    }),
    service(SHOP, 'stats', { app: 'stats' }, [
      { name: 'http', port: 80, targetPort: 'http' },
      { name: 'statsd', port: 8125, targetPort: 8125, protocol: 'UDP' },
    ]),
  ];
}

export const webToStats: Flow = {
  namespace: SHOP,
  source: 'web',
  destination: 'stats:8125',
  url: 'http://stats/',
  access: 'backend',
  isUdp: true,
};

/** From now on it answers every datagram, says nothing, or listens on another port. */
export async function receive(lab: Lab, how: 'echo' | 'silence' | 'elsewhere'): Promise<void> {
  const { name } = await oneBackend(lab, SHOP, 'stats');
  const line = how === 'echo' ? ECHO : how === 'silence' ? SINK : SINK.replace('8125', '9125');
  await lab.kubectl(
    'exec',
    '-n',
    SHOP,
    name,
    '-c',
    'sink',
    '--',
    'sh',
    '-c',
    `echo "${line}" > /tmp/how; kill $(pidof socat); true`,
  );
}

/** What becomes of a datagram to the Pod: the answer, `refused` or `silence`. */
export async function sent(lab: Lab): Promise<string> {
  const { ip } = await oneBackend(lab, SHOP, 'stats');
  const web = await lab.from(SHOP, 'web');
  const line = `exec 3<>/dev/udp/${ip}/8125; for i in 1 2; do echo ping >&3 || exit 7; read -r -t 1.5 -N 1 -u 3 said && { echo "$said"; exit 0; }; [ $? -gt 128 ] || exit 7; done`;
  const { stdout, exitCode } = await web.run(['bash', '-c', line]);
  return exitCode === 7 ? 'refused' : stdout.trim() === '' ? 'silence' : stdout.trim();
}

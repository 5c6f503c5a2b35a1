// The Corefile of the lab, and CoreDNS started with another one.
import type { Lab } from './lab.ts';

const DNS = ['-n', 'kube-system'] as const;

export function readCorefile(lab: Lab): Promise<string> {
  return lab.field('{.data.Corefile}', ...DNS, 'configmap', 'coredns');
}

/** Puts a Corefile in place and starts every CoreDNS Pod with it; returns once they are Ready, unless they are not meant to be. */
export async function startWith(lab: Lab, corefile: string, isGood = true): Promise<void> {
  const patch = JSON.stringify({ data: { Corefile: corefile } });
  await lab.kubectl(...DNS, 'patch', 'configmap', 'coredns', '--type=merge', '-p', patch);
  await restartDns(lab, isGood);
}

export async function restartDns(lab: Lab, isGood = true): Promise<void> {
  await lab.kubectl(...DNS, 'rollout', 'restart', 'deployment/coredns');
  if (!isGood) return;
  const status = ['rollout', 'status', 'deployment/coredns', '--timeout=80s'];
  await lab.run(['kubectl', ...DNS, ...status], { seconds: 90 });
}

/** The server block for all names, with lines put before its `kubernetes`. */
export function withLines(corefile: string, lines: string): string {
  return corefile.replace(/^ *kubernetes /m, (found) => `    ${lines}\n${found}`);
}

/** Another upstream for all names. */
export function forwardTo(corefile: string, target: string): string {
  return corefile.replace(/forward \. \S+/, `forward . ${target}`);
}

interface DnsPod {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
  status: {
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { restartCount?: number; state?: { waiting?: { reason?: string } } }[];
  };
}

/** CoreDNS's Pods that are not going away, by name. */
export async function dnsPods(
  lab: Lab,
): Promise<{ name: string; node: string; ip: string; ready: boolean; reason: string }[]> {
  const pods = await lab.list<DnsPod>(...DNS, 'pods', '-l', 'k8s-app=kube-dns');
  return pods
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      node: spec.nodeName ?? '',
      ip: status.podIP ?? '',
      ready: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
      reason: status.containerStatuses?.[0]?.state?.waiting?.reason ?? '',
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The last lines of every CoreDNS Pod, of the container before as well. */
export async function dnsLog(lab: Lab): Promise<string> {
  const pods = await dnsPods(lab);
  const logs = await Promise.all(
    pods.flatMap(({ name }) =>
      [[], ['--previous']].map(
        async (more) => (await lab.attempt(['kubectl', ...DNS, 'logs', name, '--tail=30', ...more])).stdout,
      ),
    ),
  );
  return logs.join('\n');
}

/** A name of the lab's internet, and the address it has there. */
export const OUTSIDE = { host: 'www.example.com', address: '198.51.100.10', url: 'http://www.example.com/' };

/** The lab's resolver for outside names, which the nodes' resolv.conf names. */
export const UPSTREAM = '10.90.0.1';

const DELAY = (ip: string, action: '-I' | '-D') =>
  `iptables -w ${action} FORWARD -p udp -d ${ip} --dport 53 -j NFQUEUE --queue-num 8 --queue-bypass`;

/** Queries of Pods to an upstream leave late, on the two nodes that CoreDNS may run on. */
export async function delayUpstream(lab: Lab, ip: string, milliseconds: number): Promise<void> {
  const start = `setsid delayq 8 ${milliseconds} >/dev/null 2>&1 </dev/null & echo $! > /run/delayq-dns.pid; ${DELAY(ip, '-I')}`;
  await Promise.all([1, 2].map((node) => lab.onNode(node, 'sh', '-c', start)));
}

export async function undelayUpstream(lab: Lab, ip: string): Promise<void> {
  const end = `kill "$(cat /run/delayq-dns.pid)"; rm -f /run/delayq-dns.pid; ${DELAY(ip, '-D')}`;
  await Promise.all([1, 2].map((node) => lab.node(node, ['sh', '-c', end])));
}

/** A name that nobody has asked for, so that no cache knows it. */
export function freshName(zone: string): string {
  return `w${Date.now()}${Math.floor(Math.random() * 1e6)}.${zone}.`;
}

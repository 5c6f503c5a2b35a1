// `pages`: three Pods that serve a page of 100 kB, and a way to spoil what goes between one node and the others.
import { FAR_NODE, SHOP } from './base.ts';
import type { Flow } from './define.ts';
import type { KubeObject, Lab } from './lab.ts';
import { app, deployment, service, tcpReadiness } from './objects.ts';

const serve =
  'mkdir -p /tmp/www; head -c 100000 /dev/zero | tr "\\0" p > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www';

export function pages(): KubeObject[] {
  return [
    deployment(SHOP, 'pages', { replicas: 3, container: app({ command: ['sh', '-c', serve], ...tcpReadiness }) }),
    service(SHOP, 'pages', { app: 'pages' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  ];
}

export const webToPages: Flow = { namespace: SHOP, source: 'web', destination: 'pages', url: 'http://pages/' };

/** Drops what matches, of the tunnel's packets (UDP 4789), as it comes in to the node and as it goes out. */
export async function breakWay(lab: Lab, match: string): Promise<void> {
  const lines = [
    'table netdev fault {',
    `  chain in { type filter hook ingress device eth0 priority 0; udp dport 4789 ${match} counter drop; }`,
    `  chain out { type filter hook egress device eth0 priority 0; udp dport 4789 ${match} counter drop; }`,
    '}',
  ];
  await lab.onNode(
    FAR_NODE,
    'sh',
    '-c',
    `nft delete table netdev fault 2>/dev/null; echo '${lines.join('\n')}' | nft -f -`,
  );
}

export async function healWay(lab: Lab): Promise<void> {
  await lab.onNode(FAR_NODE, 'sh', '-c', 'nft delete table netdev fault 2>/dev/null; true');
}

/** What the rules have dropped so far. */
export async function way(lab: Lab): Promise<string> {
  const rules = (await lab.node(FAR_NODE, ['nft', 'list', 'table', 'netdev', 'fault'])).stdout;
  const packets = [...rules.matchAll(/counter packets (\d+)/g)].map(([, count]) => count);
  return packets.length === 0 ? 'no rule' : `dropped in and out: ${packets.join(' and ')}`;
}

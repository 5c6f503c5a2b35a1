// A node whose connection table is full and stays so. The API server and the kubelet keep finding each other: otherwise nobody could look.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';

const SCRIPT = readFileSync(join(import.meta.dirname, '../lab/tests/fill-conntrack.sh'), 'utf8');
const PID = '/tmp/fill-conntrack.pid';

/** What is not followed, and so needs no place in the table: the kubelet, the API server, and the node with itself. */
const ASIDE = [
  'PREROUTING -p tcp --dport 10250',
  'OUTPUT -p tcp --sport 10250',
  'OUTPUT -p tcp --dport 6443',
  'PREROUTING -p tcp --sport 6443',
  'OUTPUT -o lo',
  'PREROUTING -i lo',
];
const rules = (flag: string) => ASIDE.map((rule) => `iptables -w -t raw ${flag} ${rule} -j NOTRACK`);

/** Entries, room, and packets dropped so far. */
export async function tableOf(lab: Lab, node: number): Promise<{ entries: number; most: number; dropped: number }> {
  const said = await lab.onNode(
    node,
    'sh',
    '-c',
    'cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max; conntrack -S',
  );
  const [entries = 0, most = 0] = said.split('\n').map(Number);
  const dropped = [...said.matchAll(/(?<!early_)drop=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  return { entries, most, dropped };
}

export async function fillTable(lab: Lab, node: number): Promise<void> {
  await lab.onNode(node, 'sh', '-c', rules('-I').join(' && '));
  await lab.onNode(
    node,
    'sh',
    '-c',
    // Two of them: what one is late to fill, the other takes.
    `setsid timeout 400 bash -c 'bash -c "$1" & bash -c "$1"' keep "$1" </dev/null >/dev/null 2>&1 & echo $! > ${PID}`,
    'fill',
    SCRIPT,
  );
}

export async function emptyTable(lab: Lab, node: number): Promise<void> {
  await lab.onNode(
    node,
    'sh',
    '-c',
    `[ ! -s ${PID} ] || kill -TERM -- -"$(cat ${PID})" 2>/dev/null; rm -f ${PID}; sleep 0.3; ${rules('-D').join(' 2>/dev/null; ')} 2>/dev/null; conntrack -F >/dev/null 2>&1; true`,
  );
}

/**
 * Where packets were last seen: the tool's sentence against tcpdump, which listens at the same places and is read as plain text. The
 * connection that it watches is another one, made by curl.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployBase, FAR_NODE, SHOP, SOURCE_NODE } from '../faults/base.ts';
import type { Memo } from '../faults/define.ts';
import { clear, injure, mend, prepare, undoInjected, wholeBase } from '../faults/injury.ts';
import type { Said } from '../faults/judge.ts';
import { Lab } from '../faults/lab.ts';
import { type Case, cases } from '../faults/registry.ts';
import { askTool } from '../faults/tool.ts';

const lab = new Lab();
const [n2, n3] = [lab.nodeName(SOURCE_NODE), lab.nodeName(FAR_NODE)];

/** All backends are closed, and any of them may be watched. */
const OF_BACKEND = 'node of the backend';

const BACKEND = 'backend';

/** Last seen: at which place, by the device and direction that tcpdump prints; of a packet that opens, answers or carries data. */
interface Expected {
  readonly id: string;
  readonly packet: 'SYN' | 'SYN-ACK' | 'data';
  readonly place: string;
  readonly device: string;
  /** Typed by hand, with the names of the Pods left open. */
  readonly says: RegExp;
}

const EXPECTED: readonly Expected[] = [
  {
    ...{ id: 'forward-drop', packet: 'SYN', place: n3, device: 'vxlan0 In' },
    says: new RegExp(`^The SYN left web and reached ${n3} on vxlan0, which did not send it on to \\S+: lost on ${n3},`),
  },
  {
    ...{ id: 'rp-filter-strict', packet: 'SYN', place: n3, device: 'vxlan0 In' },
    says: new RegExp(`^The SYN left web and reached ${n3} on vxlan0, which did not send it on to \\S+: lost on ${n3},`),
  },
  {
    ...{ id: 'netpol-default-deny-ingress', packet: 'SYN', place: OF_BACKEND, device: 'vxlan0 In' },
    says: /^The SYN left web and reached (\S+) on vxlan0, which did not send it on to \S+: lost on \1,/,
  },
  {
    ...{ id: 'underlay-blocked', packet: 'SYN', place: n3, device: 'eth0 In' },
    says: new RegExp(
      `^The SYN left web and reached ${n3} on eth0, inside a packet of VXLAN, and never came out of that:`,
    ),
  },
  {
    ...{ id: 'netpol-default-deny-egress', packet: 'SYN', place: n2, device: 'cni0 In' },
    says: new RegExp(`^The SYN left web and reached ${n2} on cni0, which did not send it on: lost on ${n2}\\.`),
  },
  {
    ...{ id: 'host-firewall-input', packet: 'SYN', place: n3, device: 'eth0 In' },
    says: new RegExp(`^The SYN of web arrived on ${n3}, whose network \\S+ uses.*: lost on ${n3} itself,`),
  },
  {
    ...{ id: 'route-return-missing', packet: 'SYN-ACK', place: n3, device: 'cni0 In' },
    says: new RegExp(
      `^The SYN of web arrived in \\S+, and its SYN-ACK left and reached ${n3} on cni0, which did not send it on: lost on ${n3}, on the way back\\.`,
    ),
  },
  {
    // Where connections stand, the nodes are not looked at.
    ...{ id: 'mtu-blackhole', packet: 'data', place: BACKEND, device: 'eth0 Out' },
    says: new RegExp(
      `^The connection stands; a packet with 1,\\d{3} bytes of data left pages-\\S+ and was never seen in web: lost on the way, on ${n3} or ${n2} or between them, on the way back\\.$`,
    ),
  },
];

beforeAll(async () => {
  await undoInjected(lab);
  await deployBase(lab);
});

describe.each(EXPECTED)('$id', ({ id, packet, place, device, says }) => {
  let one: Case;
  let memo: Memo;
  beforeAll(async () => {
    const [found] = await cases([id]);
    if (found === undefined) throw new Error(`there is no case ${id}`);
    one = found;
    await wholeBase(lab);
    memo = await prepare(lab, one);
    await injure(lab, one, memo);
  });
  afterAll(async () => {
    await mend(lab, one, memo);
    await clear(lab, one);
  });

  it('is last seen where tcpdump sees it last', async () => {
    const said = await askTool(lab, { ...one.flow, access: 'node' });
    const [first] = (JSON.parse(said.stdout) as Sentences).findings;
    const sentence = (first?.evidence ?? [])
      .map(({ saw }) => saw)
      .find((saw) => /SYN|^The connection stands/.test(saw));
    expect(sentence).toMatch(says);
    const backend = await backendOf(one, / to (api-\S+):/.exec(sentence ?? '')?.[1]);
    const names = new Map([
      [OF_BACKEND, backend.node],
      [BACKEND, backend.name],
    ]);
    const isEndsOnly = place === BACKEND;
    expect(await lastSeenByHand(backend, packet, isEndsOnly)).toEqual({ place: names.get(place) ?? place, device });
  });
});

type Sentences = { readonly findings: readonly { readonly evidence: readonly { readonly saw: string }[] }[] } & Said;

interface Backend {
  readonly name: string;
  readonly ip: string;
  readonly node: string;
  readonly port: number;
  readonly isHost: boolean;
}

/** The Pod of the destination with this name, or that on the far node. */
async function backendOf(one: Case, wanted: string | undefined): Promise<Backend> {
  const fields = '{range .items[*]}{.metadata.name} {.status.podIP} {.spec.nodeName} {.spec.hostNetwork}{"\\n"}{end}';
  const label = `app=${one.flow.destination}`;
  const pods = await lab.kubectl('-n', SHOP, 'get', 'pods', '-l', label, '-o', `jsonpath=${fields}`);
  const all = pods.split('\n').map((line) => line.split(' '));
  const [name = '', ip = '', node = '', host] =
    all.find((pod) => pod[0] === wanted) ?? all.find((pod) => pod[2] === n3) ?? [];
  if (name === '') throw new Error(`no Pod with ${label} on ${n3}`);
  const isHost = host === 'true';
  return { name, ip, node, port: isHost ? 9100 : 8080, isHost };
}

interface Listener {
  readonly place: string;
  read(): Promise<string>;
}

/** tcpdump in the background of a node or of a Pod's network, in lines of text; it listens when this returns. */
async function listen(place: string, run: Run, filter: string): Promise<Listener> {
  const file = `/tmp/captures-test-${place}`;
  const start = `rm -f ${file}*; tcpdump -l -n -S --immediate-mode -i any '${filter}' >${file} 2>${file}.err </dev/null & echo $! >${file}.pid
until grep -q listening ${file}.err; do sleep 0.05; done`;
  await run(['sh', '-c', start]);
  return { place, read: async () => run(['sh', '-c', `kill $(cat ${file}.pid); cat ${file}; rm -f ${file}*`]) };
}

type Run = (command: string[]) => Promise<string>;

async function lastSeenByHand(
  backend: Backend,
  packet: Expected['packet'],
  isEndsOnly: boolean,
): Promise<{ place: string; device: string }> {
  const web = await lab.from(SHOP, 'web');
  const far = await lab.from(SHOP, backend.name);
  const inPod =
    (vantage: typeof web): Run =>
    async (command) =>
      (await vantage.run(command)).stdout;
  const filter = `tcp port ${backend.port} or udp port 4789`;
  const nodes = isEndsOnly ? [] : [n2, backend.node];
  const listeners = await Promise.all([
    listen('web', inPod(web), filter),
    ...nodes.map((node) => listen(node, (command) => lab.onNode(node, ...command), filter)),
    // A Pod with the network of its node sees what the node sees.
    ...(backend.isHost ? [] : [listen(backend.name, inPod(far), filter)]),
  ]);
  const port = 29_111;
  const url = `http://${backend.ip}:${backend.port}/`;
  await web.run(['curl', '-s', '-o', '/dev/null', '-m', '3', '--local-port', String(port), url]);
  const seen = await Promise.all(listeners.map(async ({ place, read }) => ({ place, lines: linesOf(await read()) })));
  const there = `\\.${port} > ${backend.ip.replaceAll('.', '\\.')}\\.${backend.port}: Flags \\[`;
  const back = `${backend.ip.replaceAll('.', '\\.')}\\.${backend.port} > \\S+\\.${port}: Flags \\[`;
  const matches = {
    SYN: new RegExp(`${there}S\\]`),
    'SYN-ACK': new RegExp(`${back}S\\.\\]`),
    data: new RegExp(`${back}[P.]+\\].*length 1[0-9]{3}\\b`),
  }[packet];
  const order = packet === 'SYN' ? seen : [...seen].reverse();
  const last = order.findLast(({ lines }) => lines.some((line) => matches.test(line)));
  const line = last?.lines.findLast((candidate) => matches.test(candidate)) ?? '';
  return {
    place: last?.place ?? 'nowhere',
    device: /^\S+ (\S+)\s+(?:In|Out|P)/.exec(line)?.[0].split(/\s+/).slice(1).join(' ') ?? line,
  };
}

/** A packet inside another one is printed on a line of its own. */
function linesOf(text: string): readonly string[] {
  return text.replaceAll('\nIP ', ' IP ').split('\n');
}

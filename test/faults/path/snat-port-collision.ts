import { allFailed, ask, describe, FAR_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import { farClient, farToOutside, OUTSIDE } from '../far.ts';
import type { Lab } from '../lab.ts';

const rule = [
  'POSTROUTING',
  '-s',
  '10.244.0.0/16',
  '-d',
  OUTSIDE,
  '-p',
  'tcp',
  '-j',
  'MASQUERADE',
  '--to-ports',
  '50000-50001',
];

async function refused(lab: Lab): Promise<number> {
  const said = await lab.onNode(FAR_NODE, 'conntrack', '-S');
  return [...said.matchAll(/insert_failed=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

export default defineFault({
  id: 'snat-port-collision',
  about: 'two ports are left to masquerade with for one address outside, and others hold both',
  objects: (lab) => [farClient(lab)],
  flow: { ...farToOutside, access: 'node' },
  confidence: ['proven'],
  async choose(lab) {
    const node = lab.nodeName(FAR_NODE);
    return { node, address: await lab.field('{.status.addresses[0].address}', 'node', node) };
  },
  async breakIt(lab, { address }) {
    await lab.onNode(FAR_NODE, 'iptables', '-w', '-t', 'nat', '-I', ...rule);
    const held = [50_000, 50_001].map(
      (port) =>
        `conntrack -I -p tcp -s 10.244.3.250 -d ${OUTSIDE} --sport ${port} --dport 80 --reply-src ${OUTSIDE} --reply-dst ${address} --reply-port-src 80 --reply-port-dst ${port} --state ESTABLISHED -u ASSURED,SEEN_REPLY -t 900`,
    );
    await lab.onNode(FAR_NODE, 'sh', '-c', `(${held.join(' && ')}) >/dev/null`);
  },
  async witness(lab, { node }) {
    const before = await refused(lab);
    const fetches = await ask(lab, farToOutside, 2);
    const after = await refused(lab);
    const itself = await lab.node(FAR_NODE, ['curl', '-s', '-m2', '-o', '/dev/null', `http://${OUTSIDE}/`]);
    return {
      seen: after > before && itself.exitCode === 0 && allFailed(fetches),
      saw: `insert_failed of ${node} grew by ${after - before}; from the node itself: curl exit ${itself.exitCode}; from the Pod: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.onNode(
      FAR_NODE,
      'sh',
      '-c',
      `iptables -w -t nat -D ${rule.join(' ')}; conntrack -D -p tcp -d ${OUTSIDE} >/dev/null 2>&1; true`,
    );
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

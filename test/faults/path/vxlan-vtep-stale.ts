import { ask, describe, farBackend, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

export default defineFault({
  id: 'vxlan-vtep-stale',
  about: "the source's node has lost the entry that says which node an overlay address stands for",
  flow: { ...webToApi, access: 'node' },
  confidence: ['proven'],
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    const address = await lab.field('{.status.addresses[0].address}', 'node', node);
    const table = await lab.onNode(SOURCE_NODE, 'bridge', 'fdb', 'show', 'dev', 'vxlan0');
    const entry = table.split('\n').find((line) => line.includes(`dst ${address} `)) ?? '';
    return { node: lab.nodeName(SOURCE_NODE), ip, address, mac: entry.split(' ')[0] ?? '' };
  },
  async breakIt(lab, { mac, address }) {
    await lab.onNode(SOURCE_NODE, 'bridge', 'fdb', 'del', `${mac}`, 'dev', 'vxlan0', 'dst', `${address}`, 'self');
  },
  async witness(lab, { node, ip, address }) {
    const web = await lab.from(SHOP, 'web');
    const table = await lab.onNode(SOURCE_NODE, 'bridge', 'fdb', 'show', 'dev', 'vxlan0');
    const direct = await web.fetch(`http://${ip}:8080/`);
    const hasEntry = table.includes(`dst ${address} `);
    return {
      seen: !hasEntry && direct[0]?.exit === 28,
      saw: `${node} has ${hasEntry ? 'an' : 'no'} entry for ${address}; Pod IP there: ${describe(direct)}; by name: ${describe(await ask(lab, webToApi, 4))}`,
    };
  },
  async undo(lab, { mac, address }) {
    await lab.onNode(
      SOURCE_NODE,
      'bridge',
      'fdb',
      'append',
      `${mac}`,
      'dev',
      'vxlan0',
      'dst',
      `${address}`,
      'self',
      'permanent',
    );
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

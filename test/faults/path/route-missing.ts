import { ask, describe, farBackend, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

export default defineFault({
  id: 'route-missing',
  about: "the source's node has lost its route to the Pods of another node",
  flow: { ...webToApi, access: 'node' },
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    const range = await lab.field('{.spec.podCIDR}', 'node', node);
    const route = (await lab.onNode(SOURCE_NODE, 'ip', 'route', 'show', range)).trim();
    return { node: lab.nodeName(SOURCE_NODE), ip, range, route };
  },
  async breakIt(lab, { range }) {
    await lab.onNode(SOURCE_NODE, 'ip', 'route', 'del', `${range}`);
  },
  async witness(lab, { node, ip, range }) {
    const web = await lab.from(SHOP, 'web');
    const left = (await lab.onNode(SOURCE_NODE, 'ip', 'route', 'show', `${range}`)).trim();
    const direct = await web.fetch(`http://${ip}:8080/`);
    return {
      seen: left === '' && direct[0]?.exit !== 0,
      saw: `${node} has no route to ${range}; Pod IP there: ${describe(direct)}; by name: ${describe(await ask(lab, webToApi, 4))}`,
    };
  },
  async undo(lab, { route }) {
    await lab.onNode(SOURCE_NODE, 'ip', 'route', 'replace', ...`${route}`.split(' '));
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

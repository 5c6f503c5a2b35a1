import { ask, describe, FAR_NODE, farBackend, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

export default defineFault({
  id: 'route-return-missing',
  about: 'a node of the backends has lost its route back to the Pods of the source node',
  flow: { ...webToApi, access: 'node' },
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    const range = await lab.field('{.spec.podCIDR}', 'node', lab.nodeName(SOURCE_NODE));
    const route = (await lab.onNode(FAR_NODE, 'ip', 'route', 'show', range)).trim();
    return { node, ip, range, route };
  },
  async breakIt(lab, { range }) {
    await lab.onNode(FAR_NODE, 'ip', 'route', 'replace', 'unreachable', `${range}`);
  },
  async witness(lab, { node, ip, range }) {
    const web = await lab.from(SHOP, 'web');
    const route = (await lab.onNode(FAR_NODE, 'ip', 'route', 'show', `${range}`)).trim();
    const direct = await web.fetch(`http://${ip}:8080/`);
    return {
      seen: route.startsWith('unreachable') && direct[0]?.exit !== 0,
      saw: `${node}: ${route}; Pod IP there: ${describe(direct)}; by name: ${describe(await ask(lab, webToApi, 4))}`,
    };
  },
  async undo(lab, { range, route }) {
    await lab.onNode(FAR_NODE, 'ip', 'route', 'del', 'unreachable', `${range}`).catch(() => undefined);
    await lab.onNode(FAR_NODE, 'ip', 'route', 'replace', ...`${route}`.split(' '));
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

import { ask, describe, FAR_NODE, farBackend, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';

const KEY = 'net.ipv4.conf.all.rp_filter';

async function filtered(lab: Lab): Promise<number> {
  const [names = '', values = ''] = (await lab.onNode(FAR_NODE, 'grep', '^TcpExt', '/proc/net/netstat')).split('\n');
  return Number(values.split(' ')[names.split(' ').indexOf('IPReversePathFilter')]);
}

export default defineFault({
  id: 'rp-filter-strict',
  about:
    'a node of the backends filters by reverse path, and its route back to web goes by another device; without the filter it would work',
  flow: { ...webToApi, access: 'node' },
  confidence: ['proven'],
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    const source = lab.nodeName(SOURCE_NODE);
    const range = await lab.field('{.spec.podCIDR}', 'node', source);
    const via = await lab.field('{.status.addresses[0].address}', 'node', source);
    const route = (await lab.onNode(FAR_NODE, 'ip', 'route', 'show', range)).trim();
    return { node, ip, range, via, route };
  },
  async breakIt(lab, { range, via }) {
    await lab.onNode(FAR_NODE, 'ip', 'route', 'replace', `${range}`, 'via', `${via}`, 'dev', 'eth0');
    await lab.onNode(FAR_NODE, 'sysctl', '-qw', `${KEY}=1`);
  },
  async witness(lab, { node, ip }) {
    const web = await lab.from(SHOP, 'web');
    const setting = (await lab.onNode(FAR_NODE, 'sysctl', '-n', KEY)).trim();
    const before = await filtered(lab);
    const direct = await web.fetch(`http://${ip}:8080/`);
    const after = await filtered(lab);
    return {
      seen: setting === '1' && after > before && direct[0]?.exit === 28,
      saw: `${KEY} of ${node} is ${setting}, ${after - before} packets filtered meanwhile; Pod IP there: ${describe(direct)}; by name: ${describe(await ask(lab, webToApi, 4))}`,
    };
  },
  async undo(lab, { route }) {
    await lab.onNode(FAR_NODE, 'sysctl', '-qw', `${KEY}=0`);
    await lab.onNode(FAR_NODE, 'ip', 'route', 'replace', ...`${route}`.split(' '));
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

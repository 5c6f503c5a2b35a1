import { farBackend, SHOP, webToApi } from '../base.ts';
import { defineScenario } from '../define.ts';
import { breakWay, healWay, way } from '../pages.ts';

export default defineScenario({
  name: 'large-packets-only',
  about:
    'every small question to api is answered, and packets of more than 1400 bytes to one node are lost: only uploads hang',
  flow: webToApi,
  async choose(lab) {
    const { node, ip } = await farBackend(lab);
    return { node, ip };
  },
  async breakIt(lab) {
    await (await lab.from(SHOP, 'web')).run(['ethtool', '-K', 'eth0', 'tso', 'off', 'gso', 'off']);
    await breakWay(lab, 'meta length > 1400');
  },
  async witness(lab, { ip }) {
    const web = await lab.from(SHOP, 'web');
    const [small] = await web.fetch(`http://${ip}:8080/`);
    const header = `X-Large: ${'y'.repeat(5000)}`;
    const large = await web.run(['curl', '-s', '-o', '/dev/null', '-m', '2', '-H', header, `http://${ip}:8080/`]);
    return {
      seen: small?.exit === 0 && large.exitCode === 28,
      saw: `small request: exit ${small?.exit}; one of 5 kB: exit ${large.exitCode}; ${await way(lab)}`,
    };
  },
  async undo(lab) {
    await healWay(lab);
    await (await lab.from(SHOP, 'web')).run(['ethtool', '-K', 'eth0', 'tso', 'on', 'gso', 'on']);
  },
  order: ({ node }) => [{ id: 'mtu-blackhole', role: 'cause', subject: { kind: 'Node', name: node } }],
});

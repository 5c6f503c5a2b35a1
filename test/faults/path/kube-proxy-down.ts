import { allFailed, ask, backends, describe, SHOP, SOURCE_NODE } from '../base.ts';
import { defineFault } from '../define.ts';
import { rollout, stock, webToStock } from '../stock.ts';

export default defineFault({
  id: 'kube-proxy-down',
  about:
    'kube-proxy is gone from the node of web, and the Pods of stock were replaced since: its rules lead to dead addresses',
  objects: stock,
  flow: webToStock,
  matters: { proxyMode: true },
  async choose(lab) {
    return { node: lab.nodeName(SOURCE_NODE) };
  },
  async breakIt(lab) {
    await lab.stop(SOURCE_NODE, 'kube-proxy');
    await lab.kubectl('-n', SHOP, 'delete', 'pods', '-l', 'app=stock');
    await lab.kubectl(...rollout);
  },
  async witness(lab, { node }) {
    const web = await lab.from(SHOP, 'web');
    const health = await lab.node(node, [
      'curl',
      '-s',
      '-m1',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      'http://127.0.0.1:10256/healthz',
    ]);
    const elsewhere = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'stock');
    const other = await lab.node(1, [
      'curl',
      '-s',
      '-m2',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      `http://${elsewhere}/`,
    ]);
    const direct = (
      await Promise.all((await backends(lab, SHOP, 'stock')).map(({ ip }) => web.fetch(`http://${ip}:8080/`)))
    ).flat();
    const fetches = await ask(lab, webToStock, 2);
    return {
      seen:
        health.exitCode === 7 &&
        other.stdout === '200' &&
        direct.length === 2 &&
        direct.every(({ exit }) => exit === 0) &&
        allFailed(fetches),
      saw: `healthz of ${node}: curl exit ${health.exitCode}; Pod IPs: ${describe(direct)}; from another node: HTTP ${other.stdout}; by name: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.start(SOURCE_NODE, 'kube-proxy');
  },
  subject: ({ node }) => ({ kind: 'Node', name: node }),
});

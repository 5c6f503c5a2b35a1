import { ask, describe, failed, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineScenario } from '../define.ts';
import { emptyTable, fillTable, tableOf } from '../full-table.ts';

export default defineScenario({
  name: 'table-full-and-dns',
  about: "the connection table of web's own node is full: lookups stall and connections are lost, for one reason",
  unsteady: 'filling the table takes longer than the kubelets of a small machine wait: nodes go down as well',
  flow: { ...webToApi, access: 'node' },
  patience: 120,
  async choose(lab) {
    const dns = await lab.field('{.spec.clusterIP}', '-n', 'kube-system', 'service', 'kube-dns');
    return { node: lab.nodeName(SOURCE_NODE), dns };
  },
  breakIt: (lab) => fillTable(lab, SOURCE_NODE),
  async witness(lab, { node, dns }) {
    const web = await lab.from(SHOP, 'web');
    const before = await tableOf(lab, SOURCE_NODE);
    const lookup = await web.dig('kubernetes.default.svc.cluster.local', `@${dns}`);
    const fetches = await ask(lab, webToApi, 4);
    const after = await tableOf(lab, SOURCE_NODE);
    return {
      seen: after.entries > after.most * 0.98 && after.dropped > before.dropped && failed(fetches),
      saw: `${node} has ${after.entries} of ${after.most} entries, ${after.dropped - before.dropped} packets dropped meanwhile; DNS: ${lookup}; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab) => emptyTable(lab, SOURCE_NODE),
  order: ({ node }) => [{ id: 'conntrack-full', role: 'cause', subject: { kind: 'Node', name: node ?? '' } }],
});

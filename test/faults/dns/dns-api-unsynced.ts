import { ask, describe, SHOP, webToApi } from '../base.ts';
import { dnsLog, dnsPods, restartDns } from '../corefile.ts';
import { defineFault } from '../define.ts';

const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'system:coredns' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
  subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace: 'kube-system' }],
};

export default defineFault({
  id: 'dns-api-unsynced',
  about: 'CoreDNS has lost its right to read Services, and was started again since',
  flow: webToApi,
  patience: 40,
  async breakIt(lab) {
    await lab.delete([binding]);
    await restartDns(lab, false);
  },
  async witness(lab) {
    const pods = await dnsPods(lab);
    const refused = (await dnsLog(lab)).match(/cannot list resource "\w+"/)?.[0] ?? 'no complaint';
    const answer = await (await lab.from(SHOP, 'web')).dig('api.shop.svc.cluster.local.');
    const fetches = await ask(lab, webToApi);
    return {
      seen:
        refused !== 'no complaint' &&
        pods.length === 2 &&
        pods.every(({ ready }) => !ready) &&
        !answer.startsWith('NOERROR') &&
        fetches[0]?.exit !== 0,
      saw: `${pods.filter(({ ready }) => ready).length} of ${pods.length} Pods Ready; log: ${refused}; dig: ${answer}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.apply([binding]);
    await restartDns(lab);
  },
  subject: () => ({ kind: 'Deployment', namespace: 'kube-system', name: 'coredns' }),
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allFailed, ask, backends, describe, direct, SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';
import { type KubeObject, REPO } from '../lab.ts';
import { droppedByHand } from '../policies.ts';
import { until } from '../until.ts';

// There is no Cilium on the lab: its API and the object are real, and what it denies is dropped by hand.
const onlyCart: KubeObject = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'api-rules', namespace: SHOP },
  spec: {
    endpointSelector: { matchLabels: { app: 'api' } },
    ingress: [{ fromEndpoints: [{ matchLabels: { app: 'cart' } }] }],
  },
};
const crds = () => readFile(join(REPO, 'test/lab/manifests/policy-crds.yaml'), 'utf8');

export default defineFault({
  id: 'netpol-vendor-crd-deny',
  about: 'a CiliumNetworkPolicy admits only cart to api, which kubectl get networkpolicies does not show (emulated)',
  flow: webToApi,
  matters: { policy: true },
  async choose(lab) {
    await lab.run(['kubectl', 'apply', '-f', '-'], { input: await crds() });
    await until('the API is served', async () => {
      await lab.kubectl('get', 'ciliumnetworkpolicies', '-A');
      return true;
    });
    const source = await lab.field('{.status.podIP}', '-n', SHOP, 'pod', 'web');
    return { source, apis: (await backends(lab, SHOP, 'api')).map(({ ip }) => ip).join(', ') };
  },
  async breakIt(lab, { source, apis }) {
    await lab.apply([onlyCart]);
    await droppedByHand(lab, SOURCE_NODE, `ip saddr ${source} ip daddr { ${apis} }`);
  },
  async witness(lab) {
    const served = await lab.field('{.metadata.name}', 'crd', 'ciliumnetworkpolicies.cilium.io');
    const name =
      served === '' ? '' : await lab.field('{.metadata.name}', '-n', SHOP, 'ciliumnetworkpolicies', 'api-rules');
    const fetches = [...(await ask(lab, webToApi)), ...(await direct(lab, webToApi))];
    return {
      seen: name !== '' && allFailed(fetches),
      saw: `CiliumNetworkPolicy ${name || 'absent'}; by name and Pod IPs: ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await droppedByHand(lab, SOURCE_NODE, null);
    await lab.run(['kubectl', 'delete', '--ignore-not-found', '-f', '-'], { input: await crds() });
  },
  subject: () => ({ kind: 'CiliumNetworkPolicy', namespace: SHOP, name: 'api-rules' }),
});

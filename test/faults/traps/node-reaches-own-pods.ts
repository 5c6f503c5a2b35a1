import { allFailed, describe, SHOP, SOURCE_NODE } from '../base.ts';
import { defineTrap } from '../define.ts';
import { app, client, onNode, policy, service } from '../objects.ts';

const flow = { namespace: SHOP, source: 'agent', destination: 'desk', url: 'http://desk/' };
const deny = policy(SHOP, 'desk-nobody', { podSelector: { matchLabels: { app: 'desk' } }, policyTypes: ['Ingress'] });

export default defineTrap({
  name: 'node-reaches-own-pods',
  about: 'a policy of desk admits nobody, but a node always reaches the Pods that it runs',
  objects: (lab) => {
    const here = onNode(lab.nodeName(SOURCE_NODE));
    return [
      client(SHOP, 'desk', { app: 'desk' }, { containers: [app()], ...here }),
      service(SHOP, 'desk', { app: 'desk' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
      client(
        SHOP,
        'agent',
        { app: 'agent' },
        {
          hostNetwork: true,
          dnsPolicy: 'ClusterFirstWithHostNet',
          containers: [app({ command: ['sleep', '1000000'], ports: [] })],
          ...here,
        },
      ),
    ];
  },
  flow,
  makeOdd: (lab) => lab.apply([deny], 'node-reaches-own-pods'),
  // Another Pod is kept out: the policy is in force.
  async odd(lab) {
    const web = await (await lab.from(SHOP, 'web')).fetch('http://desk/', 2);
    return { seen: allFailed(web), saw: `from web: ${describe(web)}` };
  },
  undo: (lab) => lab.delete([deny]),
});

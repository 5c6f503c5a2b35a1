import rule from '../../../src/rules/path/proxy-rules-flushed.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  connect,
  connectNode,
  connectService,
  daemonSet,
  nodeState,
  SILENT,
  world,
} from '../../support/world.ts';

const none = { serviceRules: { all: 0, here: 0 } };
const vipFails = { serviceConnects: [connectService(SILENT), connectService(SILENT)] };

ruleCases(rule, {
  fires: [
    {
      when: 'there are none, kube-proxy is Ready, and the Pods answer',
      world: world({
        ...vipFails,
        proxyHealth: { ...connectNode('n2'), port: 10256 },
        nodeStates: [nodeState('n2', none)],
      }),
      says: 'n2 has no rules for Services although kube-proxy-n2 is Ready there: something removed them, and the address of api leads nowhere.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'n2: no KUBE-SVC chain and no kube-proxy table',
        'api 10.96.114.140:80: no answer in 4 s',
        'api-a 10.244.1.11:8080: connected in 0.9 ms, HTTP 200',
      ],
      run: ['kubectl -n kube-system delete pod kube-proxy-n2'],
    },
    {
      when: 'the Pods do not answer either',
      world: world({
        ...vipFails,
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
        nodeStates: [nodeState('n2', none)],
      }),
      says: 'n2 has no rules for Services although kube-proxy-n2 is Ready there: something removed them, and the address of api leads nowhere.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'service',
    },
  ],
  silent: [
    { when: 'there are rules', world: world({ ...vipFails, nodeStates: [nodeState('n2')] }), outcome: 'clear' },
    {
      when: 'the cluster has no kube-proxy by design',
      world: world({ ...vipFails, kubeProxyPods: [], nodeStates: [nodeState('n2', none)] }),
      outcome: 'not-applicable',
    },
    {
      when: 'Cilium serves Services, with kube-proxy beside it',
      world: world({ ...vipFails, daemonSets: [daemonSet('cilium')], nodeStates: [nodeState('n2', none)] }),
      outcome: 'not-applicable',
    },
    {
      when: 'neither iptables nor nft could be asked',
      world: world({ ...vipFails, nodeStates: [nodeState('n2', { serviceRules: null })] }),
      outcome: 'not-applicable',
    },
    {
      when: 'only another node was looked at',
      world: world({ ...vipFails, nodeStates: [nodeState('n3', none)] }),
      outcome: 'not-applicable',
    },
  ],
});

import rule from '../../../src/rules/policy/netpol-propagation-lag.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  apiOnly,
  apiPod,
  CONNECTED,
  connect,
  daemonSet,
  NOT_FOUND,
  pod,
  policy,
  rejected,
  SILENT,
  secondsAgo,
  world,
} from '../../support/world.ts';

const fromWeb = policy('api-from-web', {
  podSelector: { matchLabels: { app: 'api' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 8080 }] }],
});
const young = { ...fromWeb, metadata: { ...fromWeb.metadata, creationTimestamp: secondsAgo(3) } };
const webOut = policy('web-out', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{}],
});
const [apiA, apiB, apiC] = [apiPod('a'), apiPod('b'), apiPod('c')];
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });
const oneLost = { backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] };
const control = { controlConnects: [connect(ping, CONNECTED)] };
const says =
  'NetworkPolicy api-from-web admits web to api-c, but packets are dropped: the policy engine on n3 has not heard of it.';

ruleCases(rule, {
  fires: [
    {
      when: 'one of three is dropped, the same rule works elsewhere, and its neighbour answers',
      world: world({ policies: [fromWeb], ...oneLost, ...control }),
      says,
      subject: 'NetworkPolicy shop/api-from-web',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: [
        'rule 1 (ingress) admits web to api-c, and nothing else denies it',
        'api-c 10.244.3.11:8080: no answer in 4 s',
        'ping 10.244.3.30:8080: connected in 0.8 ms (control on the same node)',
        'api-a 10.244.1.11:8080: connected in 0.9 ms, HTTP 200 (the same rule, on n1)',
      ],
    },
    {
      when: 'the policy is three seconds old',
      world: world({ policies: [young], ...oneLost, ...control }),
      says: 'NetworkPolicy api-from-web admits web to api-c, but packets are dropped: the policy engine on n3 may not have heard of it yet (3 s old).',
      subject: 'NetworkPolicy shop/api-from-web',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'the engine of the source rejects what its egress policy admits',
      world: world({
        policies: [webOut],
        backendConnects: [apiA, apiB, apiC].map((api) => connect(api, rejected('10.244.2.1'))),
        ...control,
      }),
      says: 'NetworkPolicy web-out admits web to api-a, api-b, api-c, but packets are rejected: the policy engine on n2 has not heard of it.',
      subject: 'NetworkPolicy shop/web-out',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.1.11', '10.244.2.11', '10.244.3.11'],
    },
  ],
  silent: [
    { when: 'all backends answer', world: world({ policies: [fromWeb] }), outcome: 'clear' },
    {
      when: 'nothing else on that node answers: the path is to blame',
      world: world({ policies: [fromWeb], ...oneLost, dnsServers: [], controlConnects: [connect(ping, SILENT)] }),
      outcome: 'clear',
    },
    { when: 'no policy has a say about that Pod', world: world({ ...oneLost, ...control }), outcome: 'clear' },
    {
      when: 'a policy denies the flow',
      world: world({ policies: [policy('deny', { podSelector: {} })], ...oneLost, ...control }),
      outcome: 'clear',
    },
    {
      when: 'no policy engine is known',
      world: world({ policies: [fromWeb], daemonSets: [daemonSet('kube-proxy')], ...oneLost, ...control }),
      outcome: 'clear',
    },
    { when: 'no probe ran', world: apiOnly({ policies: [fromWeb] }), outcome: 'clear' },
    {
      when: 'the source Pod does not exist',
      world: world({ sourcePod: NOT_FOUND, policies: [webOut] }),
      outcome: 'not-applicable',
    },
  ],
});

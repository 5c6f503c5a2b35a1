import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/diagnose/diagnose.ts';
import { RULES } from '../../../src/rules/index.ts';
import rule from '../../../src/rules/policy/netpol-ipblock-snat-source.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  apiPod,
  connect,
  connectService,
  daemonSet,
  flow,
  found,
  missing,
  NOT_FOUND,
  NOW,
  nodeAddress,
  pod,
  policy,
  rejected,
  SILENT,
  service,
  world,
} from '../../support/world.ts';

const atNode = (name: string) =>
  flow({
    typed: nodeAddress(name),
    byAddress: true,
    dnsName: null,
    port: 80,
    via: { node: name, address: nodeAddress(name), port: 30080 },
  });
const nodePort = (externalTrafficPolicy = 'Cluster') =>
  found(
    service({
      ports: [{ port: 80, targetPort: 'http', protocol: 'TCP', nodePort: 30080 }],
      spec: { type: 'NodePort', externalTrafficPolicy },
    }),
  );
const admits = (from: object, name = 'api-clients') =>
  policy(name, { podSelector: { matchLabels: { app: 'api' } }, ingress: [{ from: [from] }] });
const theClient = admits({ ipBlock: { cidr: '10.244.2.10/32' } });
// One try in three meets the Pod of the node itself, which always answers.
const someLost = [connectService(SILENT), connectService(), connectService(SILENT)];
const exposed = { service: nodePort(), serviceConnects: someLost };
const says =
  'Rule 1 of NetworkPolicy api-clients (ingress) admits 10.244.2.10/32, which is web, but n1 sends on in its own name what comes in at 172.18.0.11:30080: 2 backends of api see node n1 (172.18.0.11 or 10.244.1.0), which no rule admits.';
const fault = {
  says,
  subject: 'NetworkPolicy shop/api-clients',
  confidence: 'proven',
  blocks: 'service',
  addresses: ['10.244.2.11', '10.244.3.11'],
  run: [
    `kubectl -n shop patch networkpolicy api-clients --type=json -p '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"ipBlock":{"cidr":"172.18.0.11/32"}},{"ipBlock":{"cidr":"10.244.1.0/32"}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
  ],
} as const;
const agent = pod({ name: 'agent', node: 'n2', ip: nodeAddress('n2'), spec: { hostNetwork: true } });

ruleCases(rule, {
  fires: [
    {
      when: 'tries through the node get lost, and the same Pods answer by themselves',
      world: world({ ...exposed, policies: [theClient] }),
      flow: atNode('n1'),
      ...fault,
    },
    {
      when: 'the engine rejects',
      world: world({
        service: nodePort(),
        serviceConnects: [connectService(rejected('10.244.3.0')), connectService()],
        policies: [theClient],
      }),
      flow: atNode('n1'),
      ...fault,
    },
    {
      when: 'a range of addresses holds the client',
      world: world({ ...exposed, policies: [admits({ ipBlock: { cidr: '10.244.2.8/29' } })] }),
      flow: atNode('n1'),
      ...fault,
      says: 'Rule 1 of NetworkPolicy api-clients (ingress) admits 10.244.2.8/29, which holds web, but n1 sends on in its own name what comes in at 172.18.0.11:30080: 2 backends of api see node n1 (172.18.0.11 or 10.244.1.0), which no rule admits.',
    },
    {
      when: 'the client is admitted by its labels',
      world: world({ ...exposed, policies: [admits({ podSelector: { matchLabels: { app: 'web' } } })] }),
      flow: atNode('n1'),
      ...fault,
      says: 'Rule 1 of NetworkPolicy api-clients (ingress) admits web by its labels, but n1 sends on in its own name what comes in at 172.18.0.11:30080: 2 backends of api see node n1 (172.18.0.11 or 10.244.1.0), which no rule admits.',
    },
    {
      when: 'the source has the address of its node, and another node is asked',
      world: world({
        ...exposed,
        sourcePod: found(agent),
        policies: [admits({ ipBlock: { cidr: '172.18.0.12/32' } })],
        backendConnects: [connect(apiPod('a'), SILENT), connect(apiPod('b')), connect(apiPod('c'), SILENT)],
      }),
      flow: { ...atNode('n1'), source: { namespace: 'shop', name: 'agent' } },
      ...fault,
      says: 'Rule 1 of NetworkPolicy api-clients (ingress) admits 172.18.0.12/32, which is agent, but n1 sends on in its own name what comes in at 172.18.0.11:30080: 2 backends of api see node n1 (172.18.0.11 or 10.244.1.0), which no rule admits.',
    },
    {
      when: 'the Service keeps the address of its clients, but a Pod leaves its node in the name of the node',
      world: world({
        service: nodePort('Local'),
        serviceConnects: [connectService(SILENT), connectService(SILENT)],
        policies: [theClient],
      }),
      flow: atNode('n1'),
      ...fault,
      addresses: ['10.244.1.11'],
      says: 'Rule 1 of NetworkPolicy api-clients (ingress) admits 10.244.2.10/32, which is web, but web leaves n2 in the name of that node: api-a of api sees node n2 (172.18.0.12 or 10.244.2.0), which no rule admits.',
      run: [
        `kubectl -n shop patch networkpolicy api-clients --type=json -p '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"ipBlock":{"cidr":"172.18.0.12/32"}},{"ipBlock":{"cidr":"10.244.2.0/32"}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
  ],
  silent: [
    { when: 'the Service is asked by its name', world: world({ policies: [theClient] }), outcome: 'clear' },
    {
      when: 'a rule admits the node that is asked',
      world: world({ ...exposed, policies: [theClient, admits({ ipBlock: { cidr: '10.244.1.0/32' } }, 'nodes')] }),
      flow: atNode('n1'),
      outcome: 'clear',
    },
    {
      when: 'no rule admits the client either: that is netpol-default-deny-ingress',
      world: world({ ...exposed, policies: [admits({ ipBlock: { cidr: '10.90.0.2/32' } })] }),
      flow: atNode('n1'),
      outcome: 'clear',
    },
    {
      when: 'nothing enforces policies, and all tries work',
      world: world({
        service: nodePort(),
        serviceConnects: [connectService()],
        daemonSets: [daemonSet('kube-flannel-ds')],
        policies: [theClient],
      }),
      flow: atNode('n1'),
      outcome: 'clear',
    },
    {
      when: 'no policy selects the backends: the SYN may not reach the node',
      world: world({ service: nodePort(), serviceConnects: [connectService(SILENT)] }),
      flow: atNode('n1'),
      outcome: 'clear',
    },
    {
      when: 'the source Pod does not exist',
      world: world({ ...exposed, sourcePod: NOT_FOUND }),
      flow: atNode('n1'),
      outcome: 'not-applicable',
    },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ ...exposed, policies: [theClient], endpoints: missing('forbidden') }),
      flow: atNode('n1'),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});

describe('a whole run through a node port', () => {
  const judge = (changes: Parameters<typeof world>[0], wanted = atNode('n1')) =>
    diagnose(world(changes), RULES, { flow: wanted, access: 'source', now: NOW, settled: true });
  const causes = (diagnosis: ReturnType<typeof judge>) =>
    diagnosis.findings.filter(({ role }) => role === 'cause').map(({ id }) => id);

  it('blames the policy alone', () => {
    const diagnosis = judge({ ...exposed, policies: [theClient] });
    expect(diagnosis.verdict).toBe('fault');
    expect(causes(diagnosis)).toEqual(['netpol-ipblock-snat-source']);
  });

  it('is healthy where the node is admitted and the client by itself is not', () => {
    const diagnosis = judge({
      service: nodePort(),
      policies: [admits({ ipBlock: { cidr: '10.244.1.0/32' } })],
      backendConnects: [apiPod('a'), apiPod('b'), apiPod('c')].map((api) => connect(api, SILENT)),
    });
    expect(diagnosis.verdict).toBe('healthy');
    expect(causes(diagnosis)).toEqual([]);
  });

  it('names the egress policy that does not let the source out to the node', () => {
    const out = policy('web-out', {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: { matchLabels: { app: 'api' } } }] }],
    });
    const diagnosis = judge({ service: nodePort(), serviceConnects: [connectService(SILENT)], policies: [out] });
    expect(causes(diagnosis)).toEqual(['netpol-default-deny-egress']);
    expect(diagnosis.findings[0]?.summary).toContain('TCP 30080');
  });

  it('says that the flow is denied for everybody where no rule comes near', () => {
    const diagnosis = judge({
      ...exposed,
      policies: [admits({ ipBlock: { cidr: '10.90.0.2/32' } })],
      backendConnects: [apiPod('a'), apiPod('b'), apiPod('c')].map((api) => connect(api, SILENT)),
    });
    expect(causes(diagnosis)).toEqual(['netpol-default-deny-ingress']);
  });
});

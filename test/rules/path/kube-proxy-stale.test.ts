import rule from '../../../src/rules/path/kube-proxy-stale.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  connectService,
  daemonSet,
  endpointsOf,
  found,
  HOST_UNREACHABLE,
  nodeState,
  service,
  serviceTargets,
  world,
} from '../../support/world.ts';

const stale = nodeState('n2', {
  serviceTargets: [serviceTargets(['10.244.1.11:8080', '10.244.2.11:8080', '10.244.3.77:8080'])],
  proxy: { mode: 'iptables', syncedAgoMs: 720_000 },
});
const fails = { serviceConnects: [connectService(), connectService(HOST_UNREACHABLE)] };
const labelled = {
  ...service(),
  metadata: { ...service().metadata, labels: { 'service.kubernetes.io/service-proxy-name': 'other' } },
};
const none = { serviceTargets: [], serviceRules: { all: 8, here: 0 } };

ruleCases(rule, {
  fires: [
    {
      when: 'a rule leads to an address that no slice has',
      world: world({ ...fails, nodeStates: [stale] }),
      says: 'n2 still sends api to 10.244.3.77:8080, while the EndpointSlices have 10.244.1.11:8080, 10.244.2.11:8080 and 1 more: kube-proxy runs there and has not followed. It last wrote rules 12 min ago.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'n2: rules for 10.96.114.140:80 lead to 10.244.1.11:8080, 10.244.2.11:8080, 10.244.3.77:8080',
        'EndpointSlices of api: 10.244.1.11:8080, 10.244.2.11:8080, 10.244.3.11:8080',
        'api 10.96.114.140:80: host unreachable after 3.1 s',
      ],
      run: ['kubectl -n kube-system delete pod kube-proxy-n2'],
    },
    {
      when: 'there is no rule for this Service, and others are there',
      world: world({ ...fails, nodeStates: [nodeState('n2', { ...none, proxy: null })] }),
      says: 'n2 has no rule that leads from api to a Pod, while the EndpointSlices have 10.244.1.11:8080, 10.244.2.11:8080 and 1 more: kube-proxy runs there and has not followed.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'service',
      saw: ['n2: rules for 10.96.114.140:80 lead to nothing'],
    },
    {
      when: 'nftables sends to one backend of three, and nobody has tried',
      world: world({
        serviceConnects: [],
        nodeStates: [
          nodeState('n2', {
            serviceTargets: [serviceTargets(['10.244.1.11:8080'], 'nftables')],
            proxy: { mode: 'nftables', syncedAgoMs: null },
          }),
        ],
      }),
      says: 'n2 sends api only to 10.244.1.11:8080, while the EndpointSlices have 10.244.1.11:8080, 10.244.2.11:8080 and 1 more: kube-proxy runs there and has not followed.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'service',
    },
    {
      when: 'the Service asks for another proxy',
      world: world({ ...fails, service: found(labelled), nodeStates: [nodeState('n2', none)] }),
      says: 'api has the label service.kubernetes.io/service-proxy-name=other: kube-proxy leaves it alone, and n2 has no rule for its address.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop label service api service.kubernetes.io/service-proxy-name-'],
    },
  ],
  silent: [
    { when: 'rules and slices agree', world: world({ ...fails, nodeStates: [nodeState('n2')] }), outcome: 'clear' },
    {
      when: 'the rules were late, and agree a second later',
      world: world({ ...fails, nodeStates: [stale], nodeStatesAfter: [nodeState('n2')] }),
      outcome: 'clear',
    },
    {
      when: 'rules are there that could not be read',
      world: world({ ...fails, nodeStates: [nodeState('n2', { serviceTargets: [] })] }),
      outcome: 'clear',
    },
    {
      when: 'kube-proxy is right, and a rule of iptables-legacy beside it is not',
      world: world({
        ...fails,
        nodeStates: [
          nodeState('n2', {
            serviceTargets: [
              serviceTargets(['10.244.1.11:8080', '10.244.2.11:8080', '10.244.3.11:8080'], 'nftables'),
              { ...serviceTargets(['10.244.9.9:80'], 'iptables-legacy'), rule: '-A PREROUTING -d 10.96.114.140/32' },
            ],
            proxy: { mode: 'nftables', syncedAgoMs: 4000 },
          }),
        ],
      }),
      outcome: 'clear',
    },
    {
      when: 'there are no rules at all: something flushed them',
      world: world({
        ...fails,
        nodeStates: [nodeState('n2', { serviceTargets: [], serviceRules: { all: 0, here: 0 } })],
      }),
      outcome: 'not-applicable',
    },
    {
      when: 'the Service has no endpoint',
      world: world({ ...fails, endpoints: endpointsOf([]), nodeStates: [nodeState('n2', none)] }),
      outcome: 'clear',
    },
    {
      when: 'Cilium serves Services',
      world: world({ ...fails, daemonSets: [daemonSet('cilium')], nodeStates: [stale] }),
      outcome: 'not-applicable',
      because: 'Cilium may serve Services here, without such rules',
    },
    {
      when: 'Calico serves Services with eBPF',
      world: world({ ...fails, nodeStates: [{ ...stale, marks: ['bpfin.cali'] }] }),
      outcome: 'not-applicable',
      because: 'Calico with eBPF may serve Services here, without such rules',
    },
    {
      when: 'no kube-proxy is Ready',
      world: world({ ...fails, kubeProxyPods: [], nodeStates: [stale] }),
      outcome: 'not-applicable',
    },
    {
      when: 'a backend does not answer, which is no matter of rules',
      world: world({ ...fails, endpoints: endpointsOf(API_PODS), nodeStates: [nodeState('n2')] }),
      outcome: 'clear',
    },
  ],
});

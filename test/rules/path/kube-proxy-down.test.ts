import rule from '../../../src/rules/path/kube-proxy-down.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_PODS,
  API_VIP,
  answered,
  apiOnly,
  connect,
  connectNode,
  connectService,
  DNS_VIP,
  daemonSet,
  dnsAnswer,
  found,
  HOST_UNREACHABLE,
  kubeProxyPod,
  NO_ANSWER,
  NOT_FOUND,
  pod,
  REFUSED,
  SILENT,
  searchAnswer,
  waiting,
  world,
} from '../../support/world.ts';

const vipFails = { serviceConnects: [connectService(SILENT), connectService(HOST_UNREACHABLE)] };
const health = { ...connectNode('n2', REFUSED), port: 10256 };
const crashing = pod({
  name: 'kube-proxy-n2',
  namespace: 'kube-system',
  ready: false,
  status: waiting('CrashLoopBackOff', 255),
});

ruleCases(rule, {
  fires: [
    {
      when: 'its Pod is gone and its health port is closed',
      world: world({ kubeProxyPods: [], ...vipFails, proxyHealth: health }),
      says: 'kube-proxy is not running on n2 (no kube-proxy Pod on n2): the address of api does not work from there, while the Pods behind it answer directly.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'service',
      saw: [
        'no kube-proxy Pod on n2',
        'health port of kube-proxy on n2: connection refused',
        'Service address 10.96.114.140:80: no answer in 4 s',
        'api-a 10.244.1.11:8080: connected in 0.9 ms, HTTP 200',
      ],
      run: ['kubectl describe node n2'],
    },
    {
      when: 'its Pod crashes, and the health port was not tried',
      world: world({ kubeProxyPods: [crashing], ...vipFails }),
      says: 'kube-proxy is not running on n2 (kube-proxy-n2 is CrashLoopBackOff): the address of api does not work from there, while the Pods behind it answer directly.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'service',
      run: ['kubectl -n kube-system logs kube-proxy-n2 --previous'],
    },
    {
      when: 'the node was rebooted: not even the cluster DNS address works',
      world: world({
        kubeProxyPods: [],
        ...vipFails,
        proxyHealth: health,
        nameLookup: dnsAnswer(NO_ANSWER),
        searchLookup: searchAnswer('api', NO_ANSWER),
        dnsServers: [
          dnsAnswer(NO_ANSWER, { server: DNS_VIP }),
          dnsAnswer(answered(API_VIP), { server: '10.244.1.2', pod: 'coredns-a' }),
        ],
      }),
      says: 'kube-proxy is not running on n2 (no kube-proxy Pod on n2): the address of the cluster DNS does not work from there, while its Pods answer directly.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'name',
      saw: ['DNS at the cluster DNS address: no answer', 'DNS at coredns-a: NOERROR 10.96.114.140'],
    },
    {
      when: 'the rules in the kernel still serve this Service',
      world: world({ kubeProxyPods: [] }),
      says: 'kube-proxy is not running on n2 (no kube-proxy Pod on n2): Services that change from now on will not be reachable from there.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: null,
    },
    {
      when: 'no probe ran: the objects alone do not show that this Service fails',
      world: apiOnly({ kubeProxyPods: [crashing] }),
      says: 'kube-proxy is not running on n2 (kube-proxy-n2 is CrashLoopBackOff): Services that change from now on will not be reachable from there.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: null,
    },
    {
      when: 'the backends fail too: then it is not what stops this flow',
      world: world({
        kubeProxyPods: [],
        ...vipFails,
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
      }),
      says: 'kube-proxy is not running on n2 (no kube-proxy Pod on n2): Services that change from now on will not be reachable from there.',
      subject: 'Node n2',
      confidence: 'likely',
      blocks: null,
    },
  ],
  silent: [
    { when: 'it is Ready', world: world(), outcome: 'clear', because: 'kube-proxy-n2 is Ready on n2' },
    {
      when: 'it is Ready while the Service address fails: that is kube-proxy-stale or its rules',
      world: world(vipFails),
      outcome: 'clear',
    },
    {
      when: 'an old Pod of a rollout ends beside a Ready one',
      world: world({ kubeProxyPods: [pod({ name: 'kube-proxy-old', deleted: true, ready: false }), kubeProxyPod] }),
      outcome: 'clear',
    },
    {
      when: 'the cluster has no kube-proxy by design',
      world: world({ kubeProxyPods: [], daemonSets: [daemonSet('cilium')], ...vipFails }),
      outcome: 'not-applicable',
    },
    {
      when: 'the source Pod is on no node',
      world: world({ sourcePod: found(pod({ name: 'web', node: null })), kubeProxyPods: [] }),
      outcome: 'not-applicable',
    },
    {
      when: 'the source Pod does not exist',
      world: world({ sourcePod: NOT_FOUND, proxyHealth: ABSENT }),
      outcome: 'not-applicable',
    },
  ],
});

import rule from '../../../src/rules/path/udp-conntrack-stale.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { API_PODS, daemonSet, found, nodeState, service, slice, tracked, world } from '../../support/world.ts';

const ports = [{ name: 'statsd', port: 8125, targetPort: 8125, protocol: 'UDP' }];
const udp = {
  service: found(service({ ports })),
  endpoints: {
    slices: [slice(API_PODS, { ports: [{ name: 'statsd', port: 8125, protocol: 'UDP' }] })],
    selected: API_PODS,
    stray: [],
  },
};
const all = ['10.244.1.11:8125', '10.244.2.11:8125', '10.244.3.11:8125'];
const rules = { by: 'nftables' as const, protocol: 'udp', port: 8125, to: all, rule: '10.96.114.140 . udp . 8125' };
const proxy = { mode: 'nftables', syncedAgoMs: 4000 };
const tied = tracked({
  protocol: 'udp',
  state: null,
  sourcePort: 45_000,
  destinationPort: 8125,
  answersFrom: '10.244.3.77',
  answersFromPort: 8125,
});
const seen = (flows: (typeof tied)[], to = all) =>
  nodeState('n2', { serviceTargets: [{ ...rules, to }], proxy, flows });

ruleCases(rule, {
  fires: [
    {
      when: 'a connection without an answer was sent to an address that no slice has',
      world: world({ ...udp, serviceConnects: [], nodeStates: [seen([tied])] }),
      says: 'UDP from port 45000 of the source to api (10.96.114.140:8125) is tied to 10.244.3.77:8125, which is no backend any more, and every packet keeps it so; new connections go to 10.244.1.11:8125, 10.244.2.11:8125 and 1 more.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['n2: UDP from port 45000 to 10.96.114.140:8125 was sent to 10.244.3.77:8125, which has not answered'],
      run: ['conntrack -D -p udp --orig-dst 10.96.114.140'],
    },
    {
      when: 'it is from a time without endpoints: nothing was translated',
      world: world({ ...udp, nodeStates: [seen([{ ...tied, answersFrom: '10.96.114.140' }])] }),
      says: 'UDP from port 45000 of the source to api (10.96.114.140:8125) is tied to no Pod at all, from a time when there was none, and every packet keeps it so; new connections go to 10.244.1.11:8125, 10.244.2.11:8125 and 1 more.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
    },
    {
      when: 'the flow is the TCP port of the same Service',
      world: world({
        ...udp,
        service: found(service({ ports: [{ name: 'http', port: 80, protocol: 'TCP' }, ...ports] })),
        nodeStates: [seen([tied])],
      }),
      flow: {
        source: { namespace: 'shop', name: 'web' },
        destination: { kind: 'Service', namespace: 'shop', name: 'api' },
        typed: 'api:80',
        byAddress: false,
        dnsName: 'api',
        port: 80,
        protocol: null,
        scheme: null,
        notes: [],
      },
      says: 'UDP from port 45000 of the source to api (10.96.114.140:8125) is tied to 10.244.3.77:8125, which is no backend any more, and every packet keeps it so; new connections go to 10.244.1.11:8125, 10.244.2.11:8125 and 1 more.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: null,
    },
  ],
  silent: [
    {
      when: 'a backend is there and does not answer: UDP often has no answer',
      world: world({ ...udp, nodeStates: [seen([{ ...tied, answersFrom: '10.244.3.11' }])] }),
      outcome: 'clear',
    },
    {
      when: 'the rules are old themselves',
      world: world({ ...udp, nodeStates: [seen([tied], ['10.244.3.77:8125'])] }),
      outcome: 'clear',
    },
    {
      when: 'the old address has answered',
      world: world({ ...udp, nodeStates: [seen([{ ...tied, isReplied: true }])] }),
      outcome: 'clear',
    },
    { when: 'the Service has no UDP port', world: world({ nodeStates: [nodeState('n2')] }), outcome: 'not-applicable' },
    {
      when: 'Cilium keeps connections elsewhere',
      world: world({ ...udp, daemonSets: [daemonSet('cilium')], nodeStates: [seen([tied])] }),
      outcome: 'not-applicable',
    },
  ],
});

import rule from '../../../src/rules/dns/dns-coredns-down.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  apiOnly,
  corednsB,
  corednsPod,
  dnsAnswer,
  dnsSlice,
  endpointOf,
  flow,
  NO_ANSWER,
  NOT_FOUND,
  resolvConf,
  waiting,
  workload,
  world,
} from '../../support/world.ts';

const refused = dnsAnswer({ kind: 'refused' });
const crashing = corednsPod('a', { ready: false, status: waiting('CrashLoopBackOff', 1) });
const coredns = (replicas: number, scaledBy?: { manager: string; time: string }) =>
  workload({
    name: 'coredns',
    namespace: 'kube-system',
    replicas,
    labels: { 'k8s-app': 'kube-dns' },
    ...(scaledBy === undefined ? {} : { scaledBy }),
  });

const scaledToZero = {
  dnsSlices: [dnsSlice([])],
  dnsPods: [],
  dnsWorkloads: [coredns(0, { manager: 'kubectl', time: '2026-03-02T09:58:00Z' })],
  nameLookup: refused,
};

ruleCases(rule, {
  fires: [
    {
      when: 'CoreDNS is scaled to 0',
      world: world(scaledToZero),
      says: 'Cluster DNS (Service kube-dns, 10.96.0.10) has no ready endpoint because coredns is scaled to 0 (by kubectl at 2026-03-02T09:58:00Z): nothing in the cluster can resolve names.',
      subject: 'Deployment kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      saw: ['0 of 0 endpoints ready', 'no Pods', 'connection refused'],
      run: ['kubectl -n kube-system scale deployment/coredns --replicas=2'],
    },
    {
      when: 'no probe ran: the objects are enough',
      world: apiOnly({ ...scaledToZero, dnsWorkloads: [coredns(0)] }),
      says: 'Cluster DNS (Service kube-dns, 10.96.0.10) has no ready endpoint because coredns is scaled to 0: nothing in the cluster can resolve names.',
      subject: 'Deployment kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
    },
    {
      when: 'its Pods crash',
      world: world({ dnsSlices: [dnsSlice([crashing])], dnsPods: [crashing], nameLookup: refused }),
      says: 'Cluster DNS (Service kube-dns, 10.96.0.10) has no ready endpoint because its Pods are CrashLoopBackOff: last exit 1 (Error): nothing in the cluster can resolve names.',
      subject: 'Deployment kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      saw: ['0 of 1 endpoints ready', '0 of 1 Pods Ready'],
      run: ['kubectl -n kube-system rollout restart deployment/coredns'],
    },
    {
      when: 'its Pods run without being Ready, and its workload may not be read',
      world: world({
        dnsSlices: [dnsSlice([corednsPod('a', { ready: false }), corednsPod('b', { ready: false })])],
        dnsPods: [corednsPod('a', { ready: false }), corednsPod('b', { ready: false })],
        dnsWorkloads: [],
      }),
      says: 'Cluster DNS (Service kube-dns, 10.96.0.10) has no ready endpoint because none of its 2 Pods is Ready: nothing in the cluster can resolve names.',
      subject: 'Service kube-system/kube-dns',
      confidence: 'proven',
      blocks: 'name',
    },
    {
      when: 'the source has a resolver of its own: it is not stopped',
      world: world({ ...scaledToZero, resolvConf: { ...resolvConf, nameservers: ['192.0.2.53'] } }),
      says: 'Cluster DNS (Service kube-dns, 10.96.0.10) has no ready endpoint because coredns is scaled to 0 (by kubectl at 2026-03-02T09:58:00Z): nothing in the cluster can resolve names.',
      subject: 'Deployment kube-system/coredns',
      confidence: 'proven',
      blocks: null,
    },
    {
      when: 'the destination is an address: no name is resolved',
      world: world(scaledToZero),
      flow: flow({ destination: { kind: 'Address', address: '10.96.114.140' }, typed: '10.96.114.140', dnsName: null }),
      says: 'Cluster DNS (Service kube-dns, 10.96.0.10) has no ready endpoint because coredns is scaled to 0 (by kubectl at 2026-03-02T09:58:00Z): nothing in the cluster can resolve names.',
      subject: 'Deployment kube-system/coredns',
      confidence: 'proven',
      blocks: null,
    },
  ],
  silent: [
    { when: 'both replicas are ready', world: world(), outcome: 'clear', because: 'cluster DNS has 2 ready endpoints' },
    {
      when: 'one of two is down: the other answers',
      world: world({ dnsSlices: [dnsSlice([crashing, corednsB])], dnsPods: [crashing, corednsB] }),
      outcome: 'clear',
      because: 'cluster DNS has 1 ready endpoint',
    },
    {
      when: 'endpoints are ready and queries get no answer: that is a policy or the path',
      world: world({ nameLookup: dnsAnswer(NO_ANSWER) }),
      outcome: 'clear',
    },
    {
      when: 'the last replica drains and still serves',
      world: world({
        dnsSlices: [dnsSlice([endpointOf(corednsB, { ready: false, serving: true, terminating: true })])],
      }),
      outcome: 'clear',
    },
    {
      when: 'the cluster has no DNS Service under its usual name',
      world: world({ dnsService: NOT_FOUND }),
      outcome: 'not-applicable',
    },
  ],
});

import rule from '../../../src/rules/dns/dns-upstream-slow.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  answered,
  dnsAnswer,
  flow,
  found,
  NO_ANSWER,
  NXDOMAIN,
  searchAnswer,
  world,
} from '../../support/world.ts';

const host = 'www.example.com';
const outside = flow({ destination: { kind: 'Host', host }, typed: host, dnsName: host });
const late = (ms: number, server: string | null = null) => ({
  ...dnsAnswer(answered('198.51.100.10'), { name: `${host}.`, server }),
  tookMs: ms,
});
const search = (ms: number) => ({
  ...searchAnswer(host, answered('198.51.100.10')),
  tookMs: ms + 3,
  stepsMs: [1, 1, 1, ms],
});
const fresh = (ms: number) => ({
  ...searchAnswer(`netdebug-no-such-name.${host}`, NXDOMAIN),
  tookMs: ms + 3,
  stepsMs: [1, 1, 1, ms],
});
const control = dnsAnswer(answered('10.96.0.1'), { name: 'kubernetes.default.svc.cluster.local.' });
const base = {
  service: ABSENT,
  endpoints: ABSENT,
  corefile: found('.:53 {\n    kubernetes cluster.local\n    forward . 192.0.2.1\n}\n'),
  nameLookup: late(1500),
  searchLookup: search(1520),
  freshLookup: fresh(1510),
  controlLookup: control,
} as const;

ruleCases(rule, {
  fires: [
    {
      when: 'outside names take a second and a half, each time',
      world: world(base),
      flow: outside,
      says: 'Outside names take 1.5 s and more, names of the cluster 1.4 ms: CoreDNS waits for its upstream (192.0.2.1).',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
      saw: ['NOERROR 198.51.100.10 after 1.5 s', 'line 3: forward . 192.0.2.1'],
      run: ['kubectl -n kube-system edit configmap coredns'],
    },
    {
      when: 'the system asked first, and the others were answered from the cache',
      world: world({
        ...base,
        nameLookup: late(400),
        searchLookup: search(300),
        systemLookups: {
          name: host,
          command: `getent ahosts ${host}`,
          lookups: [
            { addresses: ['198.51.100.10'], outcome: 'found', ms: 1540 },
            { addresses: ['198.51.100.10'], outcome: 'found', ms: 1510 },
          ],
        },
      }),
      flow: outside,
      says: 'Outside names take 1.5 s and more, names of the cluster 1.4 ms: CoreDNS waits for its upstream (192.0.2.1).',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'the source waits as long for the upstream itself',
      world: world({ ...base, upstreamLookups: [late(1490, '192.0.2.1')] }),
      flow: outside,
      says: 'Outside names take 1.5 s and more, names of the cluster 1.4 ms: CoreDNS waits for its upstream (192.0.2.1).',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'the destination is a Service', world: world(), outcome: 'not-applicable' },
    {
      when: 'names of the cluster are as slow: the machine is busy, or CoreDNS',
      world: world({ ...base, controlLookup: { ...control, tookMs: 900 } }),
      flow: outside,
      outcome: 'clear',
      because: 'names of the cluster are slow as well',
    },
    {
      when: 'only the search list is slow',
      world: world({
        ...base,
        nameLookup: late(4),
        searchLookup: { ...search(3), tookMs: 1600, stepsMs: [1, 1590, 3] },
      }),
      flow: outside,
      outcome: 'clear',
      because: 'www.example.com. itself was answered in 4 ms',
    },
    {
      when: 'a name that nobody asked for comes at once: the first try was slow by chance',
      world: world({ ...base, freshLookup: fresh(5) }),
      flow: outside,
      outcome: 'clear',
    },
    {
      when: 'there is no answer',
      world: world({ ...base, nameLookup: dnsAnswer(NO_ANSWER) }),
      flow: outside,
      outcome: 'clear',
    },
    {
      when: 'it was not asked again',
      world: world({ ...base, freshLookup: ABSENT }),
      flow: outside,
      outcome: 'unsure',
      needs: 'source',
    },
  ],
});

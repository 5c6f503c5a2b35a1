import rule from '../../../src/rules/dns/dns-coredns-overloaded.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  answered,
  corednsB,
  corednsPod,
  dnsAnswer,
  flow,
  found,
  NO_ANSWER,
  secondsAgo,
  world,
} from '../../support/world.ts';

const host = 'www.example.com';
const outside = flow({ destination: { kind: 'Host', host }, typed: host, dnsName: host });
const REFUSED = { kind: 'answered', rcode: 'REFUSED', addresses: [], cnames: [], authoritative: false } as const;
const killed = (ago: number) =>
  corednsPod('a', {
    status: {
      containerStatuses: [
        {
          name: 'coredns',
          ready: true,
          restartCount: 4,
          state: { running: {} },
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: secondsAgo(ago) } },
        },
      ],
    },
  });
const limited = found(
  '.:53 {\n    kubernetes cluster.local\n    forward . 192.0.2.1 {\n       max_concurrent 1\n    }\n}\n',
);
const refused = {
  service: ABSENT,
  endpoints: ABSENT,
  corefile: limited,
  nameLookup: dnsAnswer(REFUSED, { name: `${host}.` }),
} as const;
const control = dnsAnswer(answered('10.96.0.1'), { name: 'kubernetes.default.svc.cluster.local.' });
const text = 'concurrent queries exceeded maximum 1';

ruleCases(rule, {
  fires: [
    {
      when: 'a Pod was OOMKilled a minute ago and lookups get no answer',
      world: world({ dnsPods: [killed(60), corednsB], nameLookup: dnsAnswer(NO_ANSWER) }),
      says: '1 of 2 CoreDNS Pods was ended for want of memory (OOMKilled; coredns-a, 4 restarts): it has more to do than its memory limit allows.',
      subject: 'Deployment kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
      saw: ['coredns-a: last state OOMKilled, 4 restarts', 'no answer'],
      run: ['kubectl -n kube-system set resources deployment/coredns --limits=memory=512Mi'],
    },
    {
      when: 'it may forward one query at a time and says so',
      world: world({
        ...refused,
        controlLookup: control,
        dnsLogs: [{ pod: 'coredns-a', previous: false, kind: 'too-many-queries', text, times: 9 }],
      }),
      flow: outside,
      says: 'CoreDNS refuses www.example.com.: 1 query waits for its upstream already, which is all that max_concurrent in line 3 of its Corefile lets it forward at a time.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      saw: ['REFUSED', 'concurrent queries exceeded maximum 1 (9 times)'],
    },
    {
      when: 'the log may not be read',
      world: world({ ...refused, controlLookup: control }),
      flow: outside,
      says: 'CoreDNS refuses www.example.com.: 1 query waits for its upstream already, which is all that max_concurrent in line 3 of its Corefile lets it forward at a time.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'all is well', world: world(), outcome: 'clear' },
    { when: 'a Pod was OOMKilled yesterday', world: world({ dnsPods: [killed(86_400), corednsB] }), outcome: 'clear' },
    {
      when: 'it refuses without a limit: an access list',
      world: world({ ...refused, corefile: found('.:53 {\n    acl {\n block\n }\n    forward . 192.0.2.1\n}\n') }),
      flow: outside,
      outcome: 'clear',
    },
    {
      when: 'an address was asked for',
      world: world({ dnsPods: [killed(60)] }),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});

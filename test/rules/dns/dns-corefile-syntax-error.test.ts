import rule from '../../../src/rules/dns/dns-corefile-syntax-error.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { corednsB, corednsPod, dnsSlice, found, waiting, world } from '../../support/world.ts';

const crash = (letter: 'a' | 'b') => corednsPod(letter, { ready: false, status: waiting('CrashLoopBackOff', 1) });
const text = "Corefile:4 - Error during parsing: Unknown directive 'foward'";
const error = { pod: 'coredns-a', previous: true, kind: 'syntax-error', corefileLine: 4, text, times: 1 } as const;
const slip = found('.:53 {\n    errors\n    kubernetes cluster.local\n    foward . 10.0.0.2\n}\n');
const bothDown = { dnsPods: [crash('a'), crash('b')], dnsSlices: [dnsSlice([crash('a'), crash('b')])], corefile: slip };

ruleCases(rule, {
  fires: [
    {
      when: 'both Pods crash over it',
      world: world({ ...bothDown, dnsLogs: [error] }),
      says: "CoreDNS cannot start with its Corefile, line 4: Unknown directive 'foward'. None of its 2 Pods runs.",
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      saw: [text, '0 of 2 Pods Ready'],
      run: [
        'kubectl -n kube-system edit configmap coredns',
        'kubectl -n kube-system rollout restart deployment/coredns',
      ],
    },
    {
      when: 'one still runs with the configuration from before: not yet an outage',
      world: world({
        dnsPods: [crash('a'), corednsB],
        dnsSlices: [dnsSlice([crash('a'), corednsB])],
        corefile: slip,
        dnsLogs: [error],
      }),
      says: "CoreDNS cannot start with its Corefile, line 4: Unknown directive 'foward'. 1 of 2 Pods still run with the configuration from before.",
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'proven',
      blocks: null,
    },
    {
      when: 'logs may not be read, and the Corefile has a word that is no plugin',
      world: world(bothDown),
      says: 'CoreDNS cannot start with its Corefile, line 4: unknown plugin foward. None of its 2 Pods runs.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'likely',
      blocks: 'name',
      saw: ['line 4: unknown plugin foward'],
    },
  ],
  silent: [
    { when: 'both run', world: world(), outcome: 'clear' },
    {
      when: 'a plugin of one’s own in a CoreDNS that runs is no mistake',
      world: world({ corefile: slip }),
      outcome: 'clear',
    },
    {
      when: 'they crash over something else',
      world: world({ dnsPods: [crash('a'), crash('b')], dnsLogs: [{ ...error, kind: 'loop' }] }),
      outcome: 'clear',
      because: 'no Pod of the cluster DNS complains about its Corefile',
    },
    { when: 'it has no Pods', world: world({ dnsPods: [] }), outcome: 'not-applicable' },
  ],
});

import rule from '../../../src/rules/dns/dns-hosts-override.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  answered,
  apiOnly,
  dnsAnswer,
  flow,
  found,
  HOSTS,
  pod,
  systemLookups,
  world,
} from '../../support/world.ts';

const pinned = [...HOSTS, { address: '10.9.9.9', names: ['api', 'api.shop'] }];
const aliased = pod({
  name: 'web',
  labels: { app: 'web' },
  owner: { kind: 'StatefulSet', name: 'web' },
  spec: { hostAliases: [{ ip: '10.9.9.9', hostnames: ['api', 'api.shop'] }] },
});
const template = `.:53 {
    template IN A cluster.local {
       answer "{{ .Name }} 60 IN A 10.9.9.9"
    }
    kubernetes cluster.local
}
`;

ruleCases(rule, {
  fires: [
    {
      when: 'hostAliases pin it',
      world: world({ sourcePod: found(aliased), hostsFile: pinned, systemLookups: systemLookups('api', ['10.9.9.9']) }),
      says: 'api is pinned to 10.9.9.9 by hostAliases of web, while the Service is 10.96.114.140: DNS is not even asked.',
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      saw: ['10.9.9.9 api api.shop', '10.9.9.9', 'NOERROR 10.96.114.140: DNS itself is right'],
      run: ['kubectl -n shop edit statefulset web'],
    },
    {
      when: 'something in the image wrote the hosts file',
      world: world({ hostsFile: pinned, systemLookups: ABSENT }),
      says: 'api is pinned to 10.9.9.9 by /etc/hosts of web, while the Service is 10.96.114.140: DNS is not even asked.',
      subject: 'Pod shop/web',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'no probe ran: the Pod itself names the alias',
      world: apiOnly({ sourcePod: found(aliased) }),
      says: 'api is pinned to 10.9.9.9 by hostAliases of web, while the Service is 10.96.114.140: DNS is not even asked.',
      subject: 'Pod shop/web',
      confidence: 'likely',
      blocks: 'name',
    },
    {
      when: 'a template of the Corefile answers for the cluster',
      world: world({
        corefile: found(template),
        nameLookup: dnsAnswer(answered('10.9.9.9')),
        systemLookups: systemLookups('api', ['10.9.9.9']),
      }),
      says: 'CoreDNS answers api.shop.svc.cluster.local. with 10.9.9.9 because of line 2 of its Corefile (template IN A cluster.local), while the Service is 10.96.114.140.',
      subject: 'ConfigMap kube-system/coredns',
      confidence: 'proven',
      blocks: 'name',
      saw: ['line 2: template IN A cluster.local', 'NOERROR 10.9.9.9', 'clusterIP 10.96.114.140'],
      run: ['kubectl -n kube-system edit configmap coredns'],
    },
  ],
  silent: [
    { when: 'the hosts file knows the Pod itself alone', world: world(), outcome: 'clear' },
    {
      when: 'the hosts file pins another name',
      world: world({ hostsFile: [...HOSTS, { address: '10.9.9.9', names: ['db'] }] }),
      outcome: 'clear',
    },
    {
      when: 'the pin is the right address',
      world: world({ hostsFile: [...HOSTS, { address: '10.96.114.140', names: ['api'] }] }),
      outcome: 'clear',
    },
    {
      when: 'DNS gives an old address and nothing pins it: that is a cache',
      world: world({ nameLookup: dnsAnswer(answered('10.96.7.7')) }),
      outcome: 'clear',
    },
    {
      when: 'an address was asked for',
      world: world({ hostsFile: pinned }),
      flow: flow({ byAddress: true, dnsName: null }),
      outcome: 'not-applicable',
    },
  ],
});

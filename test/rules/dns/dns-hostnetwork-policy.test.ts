import rule from '../../../src/rules/dns/dns-hostnetwork-policy.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_VIP,
  answered,
  apiOnly,
  DNS_VIP,
  dnsAnswer,
  flow,
  found,
  NXDOMAIN,
  nodeAddress,
  pod,
  resolvConf,
  searchAnswer,
  world,
} from '../../support/world.ts';

const onHost = (dnsPolicy: string, owner?: { kind: string; name: string }) =>
  pod({
    name: 'web',
    node: 'n2',
    ip: nodeAddress('n2'),
    labels: { app: 'web' },
    spec: { hostNetwork: true, dnsPolicy },
    ...(owner === undefined ? {} : { owner }),
  });

const nodeResolver = { nameservers: ['192.0.2.53'], search: [], ndots: 1, text: 'nameserver 192.0.2.53\n' };
const hostPod = {
  sourcePod: found(onHost('ClusterFirst', { kind: 'DaemonSet', name: 'web' })),
  resolvConf: nodeResolver,
  nameLookup: dnsAnswer(NXDOMAIN),
  searchLookup: searchAnswer('api', NXDOMAIN),
  dnsServers: [dnsAnswer(answered(API_VIP), { server: DNS_VIP })],
};

ruleCases(rule, {
  fires: [
    {
      when: 'the Pod got the resolv.conf of its node',
      world: world(hostPod),
      says: "web uses the host network with dnsPolicy ClusterFirst, which silently means the node's resolv.conf (192.0.2.53); cluster names are unknown there.",
      subject: 'Pod shop/web',
      confidence: 'proven',
      blocks: 'name',
      saw: [
        'spec.hostNetwork: true, spec.dnsPolicy: ClusterFirst',
        'nameserver 192.0.2.53; the cluster DNS is 10.96.0.10',
        'NXDOMAIN',
        'NOERROR 10.96.114.140: the cluster DNS itself answers this Pod',
      ],
      run: [
        `kubectl -n shop patch daemonset web -p '{"spec":{"template":{"spec":{"dnsPolicy":"ClusterFirstWithHostNet"}}}}'`,
      ],
    },
    {
      when: 'no probe ran: the spec alone makes it likely',
      world: apiOnly({ sourcePod: found(onHost('ClusterFirst')) }),
      says: "web uses the host network with dnsPolicy ClusterFirst, which silently means the node's resolv.conf; cluster names are unknown there.",
      subject: 'Pod shop/web',
      confidence: 'likely',
      blocks: 'name',
    },
  ],
  silent: [
    { when: 'the Pod has a network of its own', world: world(), outcome: 'clear' },
    {
      when: 'its dnsPolicy is made for the host network',
      world: world({ sourcePod: found(onHost('ClusterFirstWithHostNet')) }),
      outcome: 'clear',
    },
    {
      when: 'the resolver of the node knows cluster names, by design',
      world: world({ sourcePod: found(onHost('ClusterFirst')), resolvConf: nodeResolver }),
      outcome: 'clear',
      because: 'the name resolves although the node decides',
    },
    {
      when: 'the node itself asks the cluster DNS: the name fails for another reason',
      world: world({ ...hostPod, resolvConf }),
      outcome: 'clear',
    },
    {
      when: 'the destination is an outside name, which any resolver may know',
      world: world(hostPod),
      flow: flow({ destination: { kind: 'Host', host: 'example.com' }, typed: 'example.com', dnsName: 'example.com' }),
      outcome: 'not-applicable',
    },
  ],
});

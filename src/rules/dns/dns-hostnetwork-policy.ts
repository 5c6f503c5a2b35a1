import { serviceAddresses } from '../../derive/backends.ts';
import { usesClusterDns } from '../../derive/dns.ts';
import { podRef } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { directAnswer, lookupProofs, setDnsPolicy } from '../support/dns-policy.ts';

export default defineRule({
  id: 'dns-hostnetwork-policy',
  rung: 'D',
  title: 'A host-network Pod uses the DNS of its node',
  needs: ['sourcePod'],
  uses: ['resolvConf', 'dnsService', 'dnsServers', 'nameLookup'],
  lookAlikes: ['dns-nameserver-wrong', 'dns-coredns-down'],
  explains: ['dns-nameserver-wrong'],
  judge({ sourcePod, resolvConf, dnsService, dnsServers, nameLookup }, { flow, reach, seen }) {
    const pod = found(sourcePod);
    if (pod === null) return notApplicable('the source Pod does not exist');
    if (pod.spec.hostNetwork !== true) return clear(`${pod.metadata.name} does not use the host network`);
    const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
    if (policy !== 'ClusterFirst') return clear(`its dnsPolicy is ${policy}`);
    if (flow.destination.kind !== 'Service') return notApplicable('the destination is not a name of the cluster');
    if (reach.name === 'works') return clear('the name resolves although the node decides');
    const service = found(dnsService);
    if (service !== null && resolvConf !== null && usesClusterDns(resolvConf, service))
      return clear('its nameserver is the cluster DNS all the same');
    const vip = service === null ? [] : serviceAddresses(service);
    const direct = directAnswer(dnsServers, vip);
    return faults(
      [
        {
          subject: podRef(pod),
          summary: `${pod.metadata.name} uses the host network with dnsPolicy ClusterFirst, which silently means the node's resolv.conf${resolvConf === null ? '' : ` (${resolvConf.nameservers.join(', ')})`}; cluster names are unknown there.`,
          confidence: resolvConf === null ? 'likely' : 'proven',
          blocks: 'name',
          evidence: [
            seen('sourcePod', 'spec.hostNetwork: true, spec.dnsPolicy: ClusterFirst'),
            ...(resolvConf === null
              ? []
              : [
                  seen(
                    'resolvConf',
                    `nameserver ${resolvConf.nameservers.join(', ')}; the cluster DNS is ${vip.join(', ') || 'unknown'}`,
                  ),
                ]),
            ...lookupProofs(nameLookup, direct),
          ],
          fix: [setDnsPolicy(pod, 'ClusterFirstWithHostNet')],
        },
      ],
      '',
    );
  },
});

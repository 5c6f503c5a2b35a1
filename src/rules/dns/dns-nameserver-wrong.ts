import { serviceAddresses } from '../../derive/backends.ts';
import { servedDomains, usesClusterDns } from '../../derive/dns.ts';
import { podRef } from '../../derive/pods.ts';
import { sawDns } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { directAnswer, lookupProofs, setDnsPolicy } from '../support/dns-policy.ts';

export default defineRule({
  id: 'dns-nameserver-wrong',
  rung: 'D',
  title: 'The Pod does not ask the cluster DNS',
  needs: ['sourcePod', 'dnsService'],
  uses: ['resolvConf', 'nameLookup', 'dnsServers', 'corefile'],
  lookAlikes: ['dns-hostnetwork-policy', 'dns-coredns-down', 'netpol-egress-dns-missing'],
  explains: [],
  judge({ sourcePod, dnsService, resolvConf, nameLookup, dnsServers, corefile }, { flow, reach, domain, seen }) {
    const pod = found(sourcePod);
    const service = found(dnsService);
    if (pod === null || service === null) return notApplicable('source Pod or cluster DNS Service not found');
    if (flow.destination.kind !== 'Service') return notApplicable('the destination is not a name of the cluster');
    if (reach.name === 'works') return clear('the name resolves');
    const vip = serviceAddresses(service);
    const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
    if (pod.spec.hostNetwork === true && policy === 'ClusterFirst')
      return clear('the host network decides its resolv.conf, not the kubelet');
    const configured = pod.spec.dnsConfig?.nameservers ?? [];
    const servers = resolvConf?.nameservers ?? (policy === 'None' ? configured : null);
    if (servers === null && policy !== 'Default') return unsure('source', "the Pod's resolv.conf was not read");
    if (resolvConf !== null && usesClusterDns(resolvConf, service)) {
      if (!resolvConf.search.some((entry) => entry.startsWith('svc.')) && policy === 'ClusterFirst') {
        // Right server, wrong search list: short names cannot be completed.
        return faults(
          [
            {
              subject: podRef(pod),
              summary: `The search list of ${pod.metadata.name} (${resolvConf.search.join(' ') || 'empty'}) lacks svc.${domain}, so short Service names cannot be completed.`,
              confidence: 'proven',
              blocks: 'name',
              evidence: [seen('resolvConf', `search ${resolvConf.search.join(' ')}`)],
              fix: [
                {
                  say: `Set clusterDomain: ${domain} in the kubelet configuration of ${pod.spec.nodeName ?? 'the node'} and create the Pod again`,
                },
              ],
            },
          ],
          '',
        );
      }
      const served = servedDomains(found(corefile));
      if (policy === 'ClusterFirst' && served.length > 0 && !served.includes(domain)) {
        return faults(
          [
            {
              subject: podRef(pod),
              summary: `${pod.metadata.name} completes Service names with svc.${domain}, but the cluster DNS serves ${served.join(', ')}: the kubelet of ${pod.spec.nodeName ?? 'its node'} has another clusterDomain.`,
              confidence: nameLookup === null ? 'likely' : 'proven',
              blocks: 'name',
              evidence: [
                seen('resolvConf', `search ${resolvConf.search.join(' ')}`),
                seen('corefile', `kubernetes ${served.join(' ')}`),
                ...(nameLookup === null
                  ? []
                  : [{ vantage: 'source' as const, command: nameLookup.command, saw: sawDns(nameLookup.outcome) }]),
              ],
              fix: [
                {
                  say: `Set clusterDomain: ${served[0]} in the kubelet configuration of ${pod.spec.nodeName ?? 'the node'}, restart the kubelet, then create the Pod again`,
                },
              ],
            },
          ],
          '',
        );
      }
      return clear(`the Pod asks ${resolvConf.nameservers.join(', ')}, which is the cluster DNS`);
    }
    if (policy === 'None' && configured.some((server) => vip.includes(server)))
      return clear('dnsConfig names the cluster DNS');
    const origin =
      policy === 'Default'
        ? "dnsPolicy Default takes the node's resolv.conf"
        : policy === 'None'
          ? `dnsPolicy None with dnsConfig.nameservers ${configured.join(', ') || '(none)'}`
          : "the kubelet's clusterDNS setting, since the Pod's dnsPolicy is ClusterFirst";
    const direct = directAnswer(dnsServers, vip);
    const byPod = policy === 'Default' || policy === 'None';
    return faults(
      [
        {
          subject: podRef(pod),
          summary: `resolv.conf of ${pod.metadata.name} points to ${servers === null ? "the node's DNS servers" : servers.join(', ') || 'no server'}, while the cluster DNS is ${vip.join(', ')}: ${origin}.`,
          confidence: resolvConf !== null && nameLookup !== null ? 'proven' : 'likely',
          blocks: 'name',
          evidence: [
            seen('sourcePod', `spec.dnsPolicy: ${policy}`),
            ...(resolvConf === null ? [] : [seen('resolvConf', `nameserver ${resolvConf.nameservers.join(', ')}`)]),
            seen('dnsService', `clusterIP ${vip.join(', ')}`),
            ...lookupProofs(nameLookup, direct),
          ],
          fix: byPod
            ? [setDnsPolicy(pod, 'ClusterFirst', { dnsConfig: null })]
            : [
                {
                  say: `Set clusterDNS: [${vip.join(', ')}] in the kubelet configuration of ${pod.spec.nodeName ?? 'the node'}, restart the kubelet, then create the Pod again`,
                },
              ],
        },
      ],
      '',
    );
  },
});

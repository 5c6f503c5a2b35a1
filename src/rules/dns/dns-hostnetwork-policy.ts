import { found } from '../../evidence/collected.ts';
import { serviceAddresses } from '../../derive/backends.ts';
import { usesClusterDns } from '../../derive/dns.ts';
import { ownerOf, podRef } from '../../derive/pods.ts';
import { sawDns } from '../../derive/reach.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

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
    if (service !== null && resolvConf !== null && usesClusterDns(resolvConf, service)) return clear('its nameserver is the cluster DNS all the same');
    const vip = service === null ? [] : serviceAddresses(service);
    const direct = dnsServers?.find((reading) => reading.server !== null && vip.includes(reading.server) && reading.outcome.kind === 'answered');
    const owner = ownerOf(pod);
    const target = owner ?? podRef(pod);
    return faults(
      [
        {
          subject: podRef(pod),
          summary: `${pod.metadata.name} uses the host network with dnsPolicy ClusterFirst, which silently means the node's resolv.conf${resolvConf === null ? '' : ` (${resolvConf.nameservers.join(', ')})`}; cluster names are unknown there.`,
          confidence: resolvConf === null ? 'likely' : 'proven',
          blocks: 'name',
          evidence: [
            seen('sourcePod', 'spec.hostNetwork: true, spec.dnsPolicy: ClusterFirst'),
            ...(resolvConf === null ? [] : [seen('resolvConf', `nameserver ${resolvConf.nameservers.join(', ')}; the cluster DNS is ${vip.join(', ') || 'unknown'}`)]),
            ...(nameLookup === null ? [] : [{ vantage: 'source' as const, command: nameLookup.command, saw: sawDns(nameLookup.outcome) }]),
            ...(direct === undefined ? [] : [{ vantage: 'source' as const, command: direct.command, saw: `${sawDns(direct.outcome)}: the cluster DNS itself answers this Pod` }]),
          ],
          fix: [
            {
              say: `Set dnsPolicy: ClusterFirstWithHostNet in ${target.kind} ${target.name}${owner === null ? ' and create the Pod again (the field cannot be changed on a Pod)' : ''}`,
              ...(owner === null
                ? {}
                : { run: `kubectl -n ${owner.namespace} patch ${owner.kind.toLowerCase()} ${owner.name} -p '{"spec":{"template":{"spec":{"dnsPolicy":"ClusterFirstWithHostNet"}}}}'` }),
            },
          ],
        },
      ],
      '',
    );
  },
});

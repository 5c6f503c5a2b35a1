import { isHeadless, serviceAddresses } from '../../derive/backends.ts';
import { absoluteName } from '../../derive/dns.ts';
import { sawDns } from '../../derive/reach.ts';
import { parseCorefile } from '../../dns/corefile.ts';
import { pinsOf } from '../../dns/plugins.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { CACHE_SLACK_S, keptS, proofOfLookup, seconds } from '../support/dns.ts';

export default defineRule({
  id: 'dns-cache-stale',
  rung: 'D',
  title: 'A cached answer outlives the Service it was about',
  needs: ['service'],
  uses: ['nameLookup', 'dnsServers', 'corefile', 'resolvConf'],
  lookAlikes: ['dns-hosts-override', 'dns-api-unsynced'],
  explains: [],
  judge({ service, nameLookup, dnsServers, corefile, resolvConf }, { flow, domain, now, seen }) {
    const object = found(service);
    const name = absoluteName(flow, domain);
    if (object === null || name === null || isHeadless(object) || object.spec.type === 'ExternalName')
      return notApplicable('the destination is no Service with an address of its own');
    if (nameLookup === null) return unsure('source', 'the name was not looked up');
    const own = serviceAddresses(object);
    const isRight = (reading: typeof nameLookup): boolean =>
      reading.outcome.kind === 'answered' && reading.outcome.addresses.some((address) => own.includes(address));
    const { outcome } = nameLookup;
    if (outcome.kind !== 'answered' || !['NOERROR', 'NXDOMAIN'].includes(outcome.rcode))
      return clear(`the answer was ${sawDns(outcome)}, which nobody caches`);
    if (isRight(nameLookup)) return clear('DNS gives the address of the Service');
    const text = found(corefile);
    const parsed = text === null ? null : parseCorefile(text);
    if (parsed !== null && pinsOf(parsed, name).length > 0) return clear('the Corefile pins the name');
    const isLocal = resolvConf?.nameservers.some((server) => server.startsWith('169.254.')) ?? false;
    const isOld = outcome.addresses.length > 0;
    const { successS, denialS } = keptS(text, name);
    const longestS = Math.max(isOld ? successS : denialS, isLocal ? 30 : 0);
    if (parsed !== null && longestS === 0) return clear('CoreDNS caches no answer for this name');
    const created = Date.parse(object.metadata.creationTimestamp ?? '');
    const ageS = Number.isNaN(created) ? null : Math.max(0, Math.round((now - created) / 1000));
    // Kubernetes counts a ttl of its own for cluster names, 5 s unless set: no answer is kept longer than either.
    if (ageS !== null && parsed !== null && ageS > longestS + CACHE_SLACK_S)
      return clear(`the Service is ${seconds(ageS)} old, and no answer is kept longer than ${seconds(longestS)}`);
    const fresh = (dnsServers ?? []).find((reading) => reading.pod !== undefined && isRight(reading));
    const left = nameLookup.ttlS === undefined || nameLookup.ttlS === 0 ? '' : ` for ${seconds(nameLookup.ttlS)} more`;
    const age = ageS === null ? '' : `, which was created ${seconds(ageS)} ago`;
    const { name: short, namespace = '' } = object.metadata;
    return faults(
      [
        {
          subject: { kind: 'Service', namespace, name: short },
          summary: isOld
            ? `DNS still answers ${outcome.addresses.join(', ')} for ${short}${left}: a cached address from before the Service, now ${own.join(', ')}${age}.`
            : `DNS still says that ${short} does not exist${left}: an answer cached from before the Service${age}.`,
          confidence: fresh !== undefined ? 'proven' : ageS !== null && parsed !== null ? 'likely' : 'possible',
          blocks: 'name',
          evidence: [
            proofOfLookup(nameLookup),
            seen('service', `clusterIP ${own.join(', ')}${ageS === null ? '' : `, created ${seconds(ageS)} ago`}`),
            ...(longestS === 0 ? [] : [seen('corefile', `answers for this name may be kept ${seconds(longestS)}`)]),
            ...(fresh === undefined ? [] : [proofOfLookup(fresh, `${fresh.pod} knows the new one`)]),
          ],
          fix: [
            {
              say: `Wait${left}, or make CoreDNS forget`,
              run: 'kubectl -n kube-system rollout restart deployment/coredns',
            },
            { say: `Restart clients that keep addresses themselves (JVM: networkaddress.cache.ttl)` },
            {
              say: `Let CoreDNS keep no cluster names: in cache, disable success ${domain} and disable denial ${domain}`,
              run: 'kubectl -n kube-system edit configmap coredns',
            },
          ],
        },
      ],
      '',
    );
  },
});

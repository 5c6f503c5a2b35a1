import { isHeadless, serviceAddresses } from '../../derive/backends.ts';
import { absoluteName } from '../../derive/dns.ts';
import { sawDns } from '../../derive/reach.ts';
import { parseCorefile } from '../../dns/corefile.ts';
import { pinsOf } from '../../dns/plugins.ts';
import { found } from '../../evidence/collected.ts';
import type { DnsReading, SearchReading } from '../../evidence/readings.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { CACHE_SLACK_S, keptS, proofOfLookup, seconds } from '../support/dns.ts';

type Answer = Pick<DnsReading, 'outcome' | 'command' | 'pod' | 'ttlS'>;

/** An address, or that there is none. @see RFC 2308 for the latter */
function isCacheable({ outcome }: Answer): boolean {
  return outcome.kind === 'answered' && ['NOERROR', 'NXDOMAIN'].includes(outcome.rcode);
}

/** What the search list ended with, where it ended with this name. */
function lastStep(search: SearchReading | null, name: string): readonly Answer[] {
  const last = search?.steps.at(-1);
  return search !== null && last?.name === name && last.addresses.length > 0 ? [search] : [];
}

export default defineRule({
  id: 'dns-cache-stale',
  rung: 'D',
  title: 'A cached answer outlives the Service it was about',
  needs: ['service'],
  uses: ['nameLookup', 'searchLookup', 'dnsServers', 'corefile', 'resolvConf'],
  lookAlikes: ['dns-hosts-override', 'dns-api-unsynced'],
  explains: [],
  judge({ service, nameLookup, searchLookup, dnsServers, corefile, resolvConf }, { flow, domain, now, seen }) {
    const object = found(service);
    const name = absoluteName(flow, domain);
    if (object === null || name === null || isHeadless(object) || object.spec.type === 'ExternalName')
      return notApplicable('the destination is no Service with an address of its own');
    if (nameLookup === null) return unsure('source', 'the name was not looked up');
    const own = serviceAddresses(object);
    const isRight = ({ outcome }: Answer): boolean =>
      outcome.kind === 'answered' && outcome.addresses.some((address) => own.includes(address));
    // Each Pod of the cluster DNS has a cache of its own: one may have forgotten what another still tells.
    const byPod = (dnsServers ?? []).filter(({ pod }) => pod !== undefined);
    const answers: readonly Answer[] = [nameLookup, ...byPod, ...lastStep(searchLookup, name)];
    const old = answers.find((answer) => isCacheable(answer) && !isRight(answer));
    if (old === undefined)
      return clear(
        isRight(nameLookup)
          ? 'DNS gives the address of the Service'
          : `the answer was ${sawDns(nameLookup.outcome)}, which nobody caches`,
      );
    const addresses = old.outcome.kind === 'answered' ? old.outcome.addresses : [];
    const text = found(corefile);
    const parsed = text === null ? null : parseCorefile(text);
    if (parsed !== null && pinsOf(parsed, name).length > 0) return clear('the Corefile pins the name');
    const isLocal = resolvConf?.nameservers.some((server) => server.startsWith('169.254.')) ?? false;
    const isOld = addresses.length > 0;
    const { successS, denialS } = keptS(text, name);
    const longestS = Math.max(isOld ? successS : denialS, isLocal ? 30 : 0);
    if (parsed !== null && longestS === 0) return clear('CoreDNS caches no answer for this name');
    const created = Date.parse(object.metadata.creationTimestamp ?? '');
    const ageS = Number.isNaN(created) ? null : Math.max(0, Math.round((now - created) / 1000));
    // Kubernetes counts a ttl of its own for cluster names, 5 s unless set: no answer is kept longer than either.
    if (ageS !== null && parsed !== null && ageS > longestS + CACHE_SLACK_S)
      return clear(`the Service is ${seconds(ageS)} old, and no answer is kept longer than ${seconds(longestS)}`);
    const fresh = [...byPod, nameLookup].find(isRight);
    const left = old.ttlS === undefined || old.ttlS === 0 ? '' : ` for ${seconds(old.ttlS)} more`;
    const who = old === nameLookup || old.pod === undefined ? 'DNS' : old.pod;
    const sometimes = isRight(nameLookup) && old.pod === undefined ? ' now and then' : '';
    const age = ageS === null ? '' : `, which was created ${seconds(ageS)} ago`;
    const { name: short, namespace = '' } = object.metadata;
    return faults(
      [
        {
          subject: { kind: 'Service', namespace, name: short },
          summary: isOld
            ? `${who} still answers ${addresses.join(', ')}${sometimes} for ${short}${left}: a cached address from before the Service, now ${own.join(', ')}${age}.`
            : `${who} still says${sometimes} that ${short} does not exist${left}: an answer cached from before the Service${age}.`,
          confidence: fresh !== undefined ? 'proven' : ageS !== null && parsed !== null ? 'likely' : 'possible',
          blocks: 'name',
          evidence: [
            { vantage: 'source', command: old.command, saw: sawDns(old.outcome) },
            seen('service', `clusterIP ${own.join(', ')}${ageS === null ? '' : `, created ${seconds(ageS)} ago`}`),
            ...(longestS === 0 ? [] : [seen('corefile', `answers for this name may be kept ${seconds(longestS)}`)]),
            ...(fresh === undefined
              ? []
              : [proofOfLookup(fresh, `${fresh.pod ?? 'another lookup'} knows the new one`)]),
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

import { absoluteName, strangeDomain } from '../../derive/dns.ts';
import { ownerOf, podRef } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { proofOfLookup } from '../support/dns.ts';
import { editOwner } from '../support/workload.ts';

export default defineRule({
  id: 'dns-search-wildcard',
  rung: 'D',
  title: 'A wildcard of a search domain answers for every name',
  needs: ['searchLookup', 'resolvConf'],
  uses: ['wildcardLookup', 'nameLookup', 'sourcePod'],
  lookAlikes: ['dns-hosts-override', 'dns-cache-stale'],
  explains: ['dns-name-not-found'],
  judge({ searchLookup, resolvConf, wildcardLookup, nameLookup, sourcePod }, { flow, domain }) {
    const right = absoluteName(flow, domain);
    if (right === null) return notApplicable('no name is looked up');
    const search = strangeDomain(searchLookup, resolvConf, { flow, domain });
    if (search === null) return clear('no search domain answers for a name that does not lie there');
    const last = searchLookup.steps.at(-1);
    if (wildcardLookup === null) return unsure('source', `whether ${search} answers for every name was not asked`);
    const { outcome } = wildcardLookup;
    if (outcome.kind !== 'answered' || outcome.addresses.length === 0)
      return clear(`${search} really has the name ${last?.name ?? ''}`);
    const addresses = last?.addresses.join(', ') ?? '';
    const pod = found(sourcePod);
    const owner = pod === null ? null : ownerOf(pod);
    const isOwn = pod?.spec.dnsConfig?.searches?.includes(search) ?? false;
    return faults(
      [
        {
          subject: pod === null ? { kind: 'Host', name: searchLookup.typed } : podRef(pod),
          summary: `${searchLookup.typed} is answered by the wildcard *.${search} (${addresses}), a search domain of ${flow.source.name}, before ${right} is asked for.`,
          confidence: 'proven',
          blocks: 'name',
          evidence: [
            proofOfLookup(searchLookup, `answered as ${last?.name ?? ''}`),
            proofOfLookup(wildcardLookup, `${search} also knows a name that cannot exist`),
            ...(nameLookup === null ? [] : [proofOfLookup(nameLookup, `${right} itself`)]),
          ],
          fix: [
            { say: `Use ${right} with the dot at the end: no search domain is tried then` },
            isOwn
              ? {
                  say: `Remove ${search} from dnsConfig.searches of ${owner === null ? `Pod ${pod?.metadata.name ?? ''}` : `${owner.kind} ${owner.name}`}`,
                  ...(pod === null ? {} : editOwner(pod)),
                }
              : {
                  say: `Remove ${search} from the search list of the nodes (kubelet resolvConf), or its wildcard record`,
                },
          ],
        },
      ],
      '',
    );
  },
});

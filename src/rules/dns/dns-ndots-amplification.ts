import { duration } from '../../derive/connects.ts';
import { absoluteName } from '../../derive/dns.ts';
import { ownerOf, podRef } from '../../derive/pods.ts';
import { SLOW_LOOKUP_MS } from '../../derive/reach.ts';
import { costOf, queriesFor } from '../../dns/resolver.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { lastStepMs, proofOfLookup } from '../support/dns.ts';

/** Extra steps that cost less are nothing to speak of (faults.md, dns-ndots-amplification). */
const WORTH_SAYING_MS = 100;

export default defineRule({
  id: 'dns-ndots-amplification',
  rung: 'D',
  title: 'The search list makes a lookup slow',
  needs: ['resolvConf', 'searchLookup'],
  uses: ['sourcePod', 'freshLookup', 'nameLookup'],
  lookAlikes: ['dns-upstream-slow', 'dns-search-wildcard', 'dns-coredns-overloaded'],
  explains: [],
  judge({ resolvConf, searchLookup, sourcePod, freshLookup, nameLookup }, { flow, domain }) {
    const right = absoluteName(flow, domain);
    if (right === null) return notApplicable('no name is looked up');
    const steps = searchLookup.stepsMs ?? [];
    const wasted = steps.slice(0, -1);
    const wastedMs = wasted.reduce((sum, ms) => sum + ms, 0);
    const own = nameLookup?.tookMs ?? lastStepMs(searchLookup);
    if (searchLookup.outcome.kind !== 'answered') return clear('the lookup got no answer');
    if (wastedMs < WORTH_SAYING_MS)
      return clear(`the ${wasted.length} steps before the answer took ${duration(wastedMs)}`);
    if (own >= wastedMs) return clear(`${right} itself takes ${duration(own)}`);
    if (freshLookup === null) return unsure('source', 'the search list was gone through only once');
    const again = (freshLookup.stepsMs ?? []).slice(0, -1).reduce((sum, ms) => sum + ms, 0);
    if (again < WORTH_SAYING_MS) return clear('gone through once more, the search list took no time');
    const queries = queriesFor(searchLookup.typed, resolvConf);
    const { queries: sent } = costOf(queries, searchLookup.steps.at(-1)?.name ?? null);
    const slowest = steps.indexOf(Math.max(...wasted));
    const name = searchLookup.steps[slowest]?.name ?? '';
    const zone = name.slice(searchLookup.typed.replace(/\.$/, '').length + 1).replace(/\.$/, '');
    const pod = found(sourcePod);
    const owner = pod === null ? null : ownerOf(pod);
    const ndots = JSON.stringify({
      spec: { template: { spec: { dnsConfig: { options: [{ name: 'ndots', value: '1' }] } } } },
    });
    return faults(
      [
        {
          subject:
            pod === null ? { kind: 'Pod', namespace: flow.source.namespace, name: flow.source.name } : podRef(pod),
          summary: `Looking up ${searchLookup.typed} sends ${sent} queries and takes ${duration(searchLookup.tookMs)} because ndots:${resolvConf.ndots} tries the search list first, most of it in ${zone}; ${right} with the dot at the end takes ${duration(own)}.`,
          confidence: 'proven',
          blocks: searchLookup.tookMs >= SLOW_LOOKUP_MS ? 'name' : null,
          evidence: [
            proofOfLookup(
              searchLookup,
              searchLookup.steps.map((step, index) => `${step.name} ${duration(steps[index] ?? 0)}`).join(', '),
            ),
            proofOfLookup(freshLookup, 'the same with a name that nobody had asked for'),
            ...(nameLookup === null ? [] : [proofOfLookup(nameLookup, `${right} by itself, ${duration(own)}`)]),
          ],
          fix: [
            { say: `Use ${right} with the dot at the end in the configuration of ${flow.source.name}` },
            owner === null
              ? { say: 'Or set dnsConfig.options ndots: "1" in the Pod and create it again' }
              : {
                  say: `Or try names with a dot as they are first, in ${owner.kind} ${owner.name}`,
                  run: `kubectl -n ${owner.namespace} patch ${owner.kind.toLowerCase()} ${owner.name} -p '${ndots}'`,
                },
            { say: `Find out why ${zone} is slow, or remove it from the search list` },
          ],
        },
      ],
      '',
    );
  },
});

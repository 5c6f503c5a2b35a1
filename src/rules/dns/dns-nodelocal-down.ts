import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-nodelocal-down',
  rung: 'D',
  title: 'The DNS cache of the node does not answer',
  needs: ['resolvConf'],
  uses: ['nameLookup', 'dnsRetries', 'dnsServers', 'sourcePod', 'daemonSets'],
  lookAlikes: ['netpol-nodelocaldns-not-allowed', 'dns-coredns-down', 'dns-nameserver-wrong'],
  explains: ['dns-nameserver-wrong'],
  judge({ resolvConf, nameLookup, dnsRetries, dnsServers, sourcePod, daemonSets }, { flow, seen }) {
    if (flow.byAddress) return notApplicable('no name is looked up');
    const local = resolvConf.nameservers.find((server) => server.startsWith('169.254.'));
    if (local === undefined) return notApplicable('the Pod asks no cache on its node');
    if (nameLookup === null) return unsure('source', 'the name was not looked up');
    const retry = dnsRetries?.find(({ server }) => server === null);
    const last = retry ?? nameLookup;
    if (last.outcome.kind === 'answered') return clear(`the cache on the node answers at ${local}`);
    const direct = (dnsServers ?? []).find(
      (reading) => reading.pod !== undefined && reading.outcome.kind === 'answered',
    );
    if (direct === undefined) return clear('no CoreDNS Pod answers either');
    const node = found(sourcePod)?.spec.nodeName ?? 'the source node';
    const cache = daemonSets?.find(({ metadata }) => /node-?local-?dns/.test(metadata.name));
    const name = cache?.metadata.name ?? 'node-local-dns';
    const namespace = cache?.metadata.namespace ?? 'kube-system';
    const how = last.outcome.kind === 'refused' ? 'refuses the connection' : 'does not answer';
    return faults(
      [
        {
          subject: { kind: 'Node', name: node },
          summary: `The DNS cache of ${node} (NodeLocal DNSCache, ${local}) ${how}, while ${direct.pod} answers ${flow.source.name} directly: every Pod of that node is without DNS.`,
          confidence: last.outcome.kind === 'refused' || retry !== undefined ? 'likely' : 'possible',
          blocks: 'name',
          evidence: [
            seen('resolvConf', `nameserver ${resolvConf.nameservers.join(', ')}`),
            proofOfLookup(last),
            proofOfLookup(direct, `${direct.pod} asked directly`),
            ...(cache === undefined
              ? []
              : [
                  seen(
                    'daemonSets',
                    `${name}: ${cache.status?.numberReady ?? 0} of ${cache.status?.desiredNumberScheduled ?? 0} Ready`,
                  ),
                ]),
          ],
          fix: [
            {
              say: `See why the cache does not run on ${node}`,
              run: `kubectl -n ${namespace} get pods -o wide --field-selector spec.nodeName=${node}`,
            },
            { say: 'Start it again', run: `kubectl -n ${namespace} rollout restart daemonset/${name}` },
          ],
        },
      ],
      '',
    );
  },
});

import { isHeadless } from '../../derive/backends.ts';
import { absoluteName } from '../../derive/dns.ts';
import { isReady } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { CACHE_SLACK_S, keptS, proofOfLog, proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-api-unsynced',
  rung: 'D',
  title: 'CoreDNS does not hear from the API server',
  needs: ['dnsPods'],
  uses: ['dnsLogs', 'nameLookup', 'dnsServers', 'controlLookup', 'service', 'corefile'],
  lookAlikes: ['dns-name-not-found', 'dns-cache-stale', 'dns-coredns-down'],
  explains: ['dns-coredns-down', 'dns-replica-partial', 'dns-headless-empty'],
  judge({ dnsPods, dnsLogs, nameLookup, dnsServers, controlLookup, service, corefile }, { flow, domain, now, seen }) {
    if (flow.byAddress) return notApplicable('no name is looked up');
    if (dnsPods.length === 0) return clear('the cluster DNS has no Pods');
    const complaints = (dnsLogs ?? []).filter(({ kind }) => kind === 'api-forbidden' || kind === 'api-unreachable');
    const forbidden = complaints.find(({ kind }) => kind === 'api-forbidden');
    // A Pod that ends over and over for another reason never gets to read anything.
    const ends = (dnsLogs ?? []).find(({ kind }) => kind === 'loop' || kind === 'syntax-error');
    const [first] = ends === undefined || forbidden !== undefined ? complaints : [];
    const ready = dnsPods.filter(isReady).length;
    // What the cluster DNS itself says: the Pod may ask another server, which knows no Services and is right.
    const rcodes = (dnsServers ?? []).flatMap(({ outcome }) => (outcome.kind === 'answered' ? [outcome.rcode] : []));
    const target = found(service);
    const control = controlLookup?.outcome.kind === 'answered' ? controlLookup.outcome.rcode : null;
    // The name of a headless Service without a ready Pod does not exist; that of the API server always does.
    const isMissed = target !== null && !(isHeadless(target) && control === 'NOERROR');
    // It knows other Services, and of a young one it may still keep that there was none.
    const name = absoluteName(flow, domain);
    const created = Date.parse(target?.metadata.creationTimestamp ?? '');
    const mayBeKept =
      control === 'NOERROR' &&
      forbidden === undefined &&
      name !== null &&
      now - created <= 1000 * (keptS(found(corefile), name).denialS + CACHE_SLACK_S) &&
      keptS(found(corefile), name).denialS > 0;
    const isLost =
      !mayBeKept &&
      rcodes.length > 0 &&
      rcodes.every((rcode) => (rcode === 'SERVFAIL' ? control !== 'NOERROR' : rcode === 'NXDOMAIN' && isMissed));
    // A Pod complains for a moment whenever it starts; that counts while something is wrong.
    if (first === undefined || !(ready === 0 || isLost))
      return clear(
        first === undefined
          ? 'no Pod of the cluster DNS complains about the API server'
          : 'the cluster DNS answers as it should',
      );
    const complaint = forbidden ?? first;
    const right = forbidden === undefined ? 'cannot reach it' : 'may not read it';
    return faults(
      [
        {
          subject: { kind: 'Deployment', namespace: 'kube-system', name: 'coredns' },
          summary: `CoreDNS does not know the Services of the cluster: it asks the API server and ${right} (${ready} of ${dnsPods.length} Pods Ready).`,
          confidence: ready === 0 ? 'proven' : 'likely',
          blocks: flow.destination.kind === 'Service' || ready === 0 ? 'name' : null,
          evidence: [
            proofOfLog(complaint),
            seen('dnsPods', `${ready} of ${dnsPods.length} Pods Ready`),
            ...(nameLookup === null ? [] : [proofOfLookup(nameLookup)]),
            ...(controlLookup === null ? [] : [proofOfLookup(controlLookup, 'a name that every cluster has')]),
          ],
          fix:
            forbidden === undefined
              ? [
                  {
                    say: 'Find out why its Pods do not reach the API server: endpoints of Service kubernetes, policies of kube-system, kube-proxy on their nodes',
                    run: 'kubectl get endpointslices -l kubernetes.io/service-name=kubernetes',
                  },
                ]
              : [
                  {
                    say: 'Give it back the right to list and watch Services, EndpointSlices and Namespaces',
                    run: 'kubectl create clusterrolebinding system:coredns --clusterrole=system:coredns --serviceaccount=kube-system:coredns',
                  },
                  {
                    say: 'Then start it again',
                    run: 'kubectl -n kube-system rollout restart deployment/coredns',
                  },
                ],
        },
      ],
      '',
    );
  },
});

import { outsideTarget } from '../../derive/dns.ts';
import { parseCorefile } from '../../dns/corefile.ts';
import { forwardsFor, serversFor } from '../../dns/plugins.ts';
import { found } from '../../evidence/collected.ts';
import type { PodSnapshot } from '../../evidence/snapshots.ts';
import { defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { COREDNS_CONFIG, proofOfLog, proofOfLookup } from '../support/dns.ts';

/** An end that lies further back says nothing about now. */
const RECENT_MS = 3_600_000;

export default defineRule({
  id: 'dns-coredns-overloaded',
  rung: 'D',
  title: 'CoreDNS has more to do than it can',
  needs: ['dnsPods'],
  uses: ['service', 'nameLookup', 'dnsServers', 'controlLookup', 'dnsLogs', 'corefile'],
  lookAlikes: ['dns-replica-partial', 'dns-upstream-slow', 'dns-forward-loop'],
  explains: ['dns-coredns-down', 'dns-replica-partial'],
  judge(
    { dnsPods, service, nameLookup, dnsServers, controlLookup, dnsLogs, corefile },
    { flow, domain, reach, now, seen },
  ) {
    if (flow.byAddress) return notApplicable('no name is looked up');
    const killed = dnsPods.filter((pod) => killedForMemory(pod, now));
    const [pod] = killed;
    const all: Fault[] = [];
    if (pod !== undefined) {
      const restarts = pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
      all.push({
        subject: { kind: 'Deployment', namespace: 'kube-system', name: 'coredns' },
        summary: `${killed.length} of ${dnsPods.length} CoreDNS Pods was ended for want of memory (OOMKilled; ${pod.metadata.name}, ${restarts} restarts): it has more to do than its memory limit allows.`,
        confidence: reach.name === 'works' ? 'possible' : 'likely',
        blocks: 'name',
        evidence: [
          seen('dnsPods', `${pod.metadata.name}: last state OOMKilled, ${restarts} restarts`),
          ...(nameLookup === null ? [] : [proofOfLookup(nameLookup)]),
        ],
        fix: [
          {
            say: 'Raise its memory limit, and run more replicas',
            run: 'kubectl -n kube-system set resources deployment/coredns --limits=memory=512Mi',
          },
          { say: 'Cut the load: ndots, NodeLocal DNSCache' },
        ],
      });
    }
    const outside = outsideTarget(found(service), flow, domain);
    const refused = [nameLookup, ...(dnsServers ?? [])].find(
      (reading) => reading?.outcome.kind === 'answered' && reading.outcome.rcode === 'REFUSED',
    );
    const text = found(corefile);
    const [forward] =
      text === null || outside === null
        ? []
        : serversFor(parseCorefile(text), outside).flatMap((server) => forwardsFor(server, outside).slice(0, 1));
    const complaint = dnsLogs?.find(({ kind }) => kind === 'too-many-queries');
    const limit = forward?.maxConcurrent ?? null;
    const clusterWorks = controlLookup?.outcome.kind === 'answered' && controlLookup.outcome.rcode === 'NOERROR';
    if (outside !== null && (refused !== undefined || complaint !== undefined) && limit !== null) {
      all.push({
        subject: COREDNS_CONFIG,
        summary: `CoreDNS refuses ${outside}: ${limit} ${limit === 1 ? 'query waits' : 'queries wait'} for its upstream already, which is all that max_concurrent in line ${forward?.line} of its Corefile lets it forward at a time.`,
        confidence: complaint !== undefined ? 'proven' : clusterWorks ? 'likely' : 'possible',
        blocks: 'name',
        evidence: [
          ...(refused === undefined || refused === null ? [] : [proofOfLookup(refused)]),
          ...(controlLookup === null ? [] : [proofOfLookup(controlLookup, 'a name of the cluster')]),
          ...(complaint === undefined ? [] : [proofOfLog(complaint)]),
          seen('corefile', `line ${forward?.line}: forward … max_concurrent ${limit}`),
        ],
        fix: [
          {
            say: 'Raise max_concurrent (kubeadm sets 1000), and see why the upstream takes so long that queries pile up',
            run: 'kubectl -n kube-system edit configmap coredns',
          },
        ],
      });
    }
    return faults(all, 'no CoreDNS Pod was ended for want of memory, and none refuses queries');
  },
});

function killedForMemory(pod: PodSnapshot, now: number): boolean {
  return (pod.status?.containerStatuses ?? []).some(({ state, lastState }) => {
    const ended = state?.terminated ?? lastState?.terminated;
    const at = Date.parse(ended?.finishedAt ?? '');
    return ended?.reason === 'OOMKilled' && (Number.isNaN(at) || now - at < RECENT_MS);
  });
}

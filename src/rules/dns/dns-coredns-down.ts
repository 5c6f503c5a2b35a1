import { usedBackends } from '../../derive/backends.ts';
import { dnsBackends, usesClusterDns } from '../../derive/dns.ts';
import { isReady, stoppedBecause } from '../../derive/pods.ts';
import { sawDns } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'dns-coredns-down',
  rung: 'D',
  title: 'Cluster DNS has no ready endpoint',
  needs: ['dnsService', 'dnsSlices', 'dnsPods'],
  uses: ['dnsWorkloads', 'nameLookup', 'resolvConf'],
  lookAlikes: ['netpol-egress-dns-missing', 'kube-proxy-down', 'dns-nameserver-wrong'],
  explains: [],
  judge({ dnsService, dnsSlices, dnsPods, dnsWorkloads, nameLookup, resolvConf }, { flow, seen }) {
    const service = found(dnsService);
    if (service === null) return notApplicable('there is no cluster DNS Service under its usual name');
    const backends = dnsBackends(service, dnsSlices, dnsPods);
    const used = usedBackends(backends);
    if (used.length > 0)
      return clear(`cluster DNS has ${used.length} ready ${used.length === 1 ? 'endpoint' : 'endpoints'}`);
    const workload = dnsWorkloads?.[0];
    const ref =
      workload === undefined
        ? { kind: 'Service', name: service.metadata.name }
        : { kind: workload.kind, name: workload.metadata.name };
    const subject = { kind: ref.kind, namespace: service.metadata.namespace ?? 'kube-system', name: ref.name };
    const stopped = dnsPods.map(stoppedBecause).find((reason) => reason !== null);
    const scaled = workload?.spec.replicas === 0;
    const scaledBy = workload?.scaledBy;
    const reason = scaled
      ? `${workload?.metadata.name} is scaled to 0${scaledBy === undefined ? '' : ` (by ${scaledBy.manager}${scaledBy.time === undefined ? '' : ` at ${scaledBy.time}`})`}`
      : stopped !== undefined
        ? `its Pods are ${stopped?.reason}${stopped?.detail === null ? '' : `: ${stopped?.detail}`}`
        : dnsPods.length === 0
          ? 'it has no Pods'
          : `none of its ${dnsPods.length} Pods is Ready`;
    const skipped = resolvConf !== null && !usesClusterDns(resolvConf, service);
    const target = `${subject.kind.toLowerCase()}/${subject.name}`;
    return faults(
      [
        {
          subject,
          summary: `Cluster DNS (Service ${service.metadata.name}, ${service.spec.clusterIP}) has no ready endpoint because ${reason}: nothing in the cluster can resolve names.`,
          confidence: 'proven',
          // A Pod with a resolver of its own is not stopped by this.
          blocks: skipped || flow.destination.kind === 'Address' || flow.destination.kind === 'Pod' ? null : 'name',
          evidence: [
            seen('dnsSlices', `0 of ${backends.length} endpoints ready`),
            seen(
              'dnsPods',
              dnsPods.length === 0 ? 'no Pods' : `${dnsPods.filter(isReady).length} of ${dnsPods.length} Pods Ready`,
            ),
            ...(nameLookup === null
              ? []
              : [{ vantage: 'source' as const, command: nameLookup.command, saw: sawDns(nameLookup.outcome) }]),
          ],
          fix: scaled
            ? [{ say: 'Bring cluster DNS back', run: `kubectl -n ${subject.namespace} scale ${target} --replicas=2` }]
            : [
                {
                  say: 'See why its Pods are not Ready',
                  run: `kubectl -n ${subject.namespace} describe pods -l k8s-app=kube-dns`,
                },
                { say: 'Then restart it', run: `kubectl -n ${subject.namespace} rollout restart ${target}` },
              ],
        },
      ],
      '',
    );
  },
});

import { addressesOf, isReady } from '../../derive/pods.ts';
import { viewService } from '../../derive/service-view.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { showConnect } from '../support/backends.ts';

type Family = 'IPv4' | 'IPv6';

export default defineRule({
  id: 'ip-family-mismatch',
  rung: 'E',
  title: 'Service, Pods and client do not share an IP family',
  needs: ['service', 'endpoints'],
  uses: ['sourcePod', 'serviceConnects'],
  lookAlikes: ['readiness-failing', 'app-wrong-family', 'named-targetport-missing'],
  explains: [],
  judge({ service, endpoints, sourcePod, serviceConnects }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || view.selector === null) return notApplicable('no Service with a selector on this path');
    const { name, namespace = '' } = view.ref;
    const wanted = (view.service.spec.ipFamilies ?? []) as readonly Family[];
    const ready = view.pods.filter((pod) => isReady(pod) && addressesOf(pod).length > 0);
    if (wanted.length === 0 || ready.length === 0) return notApplicable('no families to compare');
    const ofPods = familiesOf(ready.flatMap(addressesOf));
    const source = found(sourcePod);
    const ofSource = source === null ? [] : familiesOf(addressesOf(source));
    const policy = view.service.spec.ipFamilyPolicy ?? 'SingleStack';
    const tried = serviceConnects?.find((reading) => reading.outcome.kind !== 'connected');
    const wider = `kubectl -n ${namespace} patch service ${name} -p '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}'`;
    const base = { subject: view.ref, confidence: 'proven', blocks: 'service' } as const;
    const proof = [
      seen('service', `ipFamilies ${wanted.join(', ')}; ipFamilyPolicy ${policy}`),
      seen('endpoints', `addresses of its Ready Pods: ${ready.flatMap(addressesOf).slice(0, 4).join(', ')}`),
    ];
    // One family that fits is enough: a slice of the other may well be empty (faults.md §9, trap 13).
    if (!wanted.some((family) => ofPods.includes(family))) {
      const fault: Fault = {
        ...base,
        summary: `Service ${name} is ${wanted.join(' and ')} only, and its ${ready.length === 1 ? 'Pod has' : `${ready.length} Ready Pods have`} ${ofPods.join(' and ')} addresses only: it has no endpoint.`,
        compare: {
          title: `The family of Service ${name}, and of the Pods it selects`,
          rows: [{ what: 'IP family', needs: wanted.join(', '), has: ofPods.join(', '), ok: false }],
        },
        evidence: [...proof, ...(tried === undefined ? [] : [showConnect(tried)])],
        fix: [{ say: 'Let the Service have both families', run: wider }],
      };
      return faults([fault], '');
    }
    if (ofSource.length > 0 && !wanted.some((family) => ofSource.includes(family))) {
      const fault: Fault = {
        ...base,
        summary: `Service ${name} has ${wanted.join(' and ')} addresses only, and ${flow.source.name} has ${ofSource.join(' and ')} only.`,
        compare: {
          title: `The family of Service ${name}, and of ${flow.source.name}`,
          rows: [{ what: 'IP family', needs: wanted.join(', '), has: ofSource.join(', '), ok: false }],
        },
        evidence: [
          ...proof,
          seen('sourcePod', `status.podIPs: ${source === null ? '' : addressesOf(source).join(', ')}`),
          ...(tried === undefined ? [] : [showConnect(tried)]),
        ],
        fix: [{ say: 'Let the Service have both families', run: wider }],
      };
      return faults([fault], '');
    }
    return clear(`Service, Pods and client share ${wanted.filter((family) => ofPods.includes(family)).join(' and ')}`);
  },
});

function familiesOf(addresses: readonly string[]): readonly Family[] {
  return [...new Set(addresses.map((address): Family => (address.includes(':') ? 'IPv6' : 'IPv4')))];
}

import { endpoint, sawConnect, works } from '../../derive/connects.ts';
import { addressesOf, isFinished } from '../../derive/pods.ts';
import { viewService } from '../../derive/service-view.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';

/** A leader that has not renewed for this long has lost its Lease; the Lease itself says otherwise where it is configured. */
const DEFAULT_LEASE_SECONDS = 15;
const CONTROLLER = 'endpointslice-controller.k8s.io';

export default defineRule({
  id: 'endpointslice-stale',
  rung: 'E',
  title: 'An EndpointSlice lists a Pod that is gone',
  needs: ['service', 'endpoints'],
  uses: ['controllerLease', 'backendConnects'],
  lookAlikes: ['kube-proxy-down', 'node-down', 'underlay-blocked'],
  explains: ['underlay-blocked', 'node-down'],
  judge({ service, endpoints, controllerLease, backendConnects }, { flow, now, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    const lease = found(controllerLease)?.spec;
    const age = lease?.renewTime === undefined || lease.renewTime === null ? null : now - Date.parse(lease.renewTime);
    const late = age !== null && age > (lease?.leaseDurationSeconds ?? DEFAULT_LEASE_SECONDS) * 1000;
    const wrong = view.backends.flatMap((backend): readonly Fault[] => {
      if (backend.podName === null || !backend.ready) return [];
      const slice = endpoints.slices.find((candidate) => candidate.metadata.name === backend.slice);
      if (slice?.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] !== CONTROLLER) return [];
      const { pod } = backend;
      if (
        pod !== null &&
        !isFinished(pod) &&
        (addressesOf(pod).includes(backend.address) || addressesOf(pod).length === 0)
      )
        return [];
      const tried = backendConnects?.find((reading) => reading.address === backend.address);
      const namesake = [...endpoints.selected, ...endpoints.stray].find(
        (candidate) => candidate.metadata.name === backend.podName,
      );
      const state =
        pod === null && namesake !== undefined
          ? `was replaced by a new Pod of that name with the address ${addressesOf(namesake).join(', ') || 'none yet'}`
          : pod === null
            ? 'does not exist any more'
            : isFinished(pod)
              ? `is ${pod.status?.phase}`
              : `has the address ${addressesOf(pod).join(', ')}`;
      const namespace = view.ref.namespace ?? '';
      return [
        {
          subject: { kind: 'EndpointSlice', namespace, name: backend.slice },
          summary: `EndpointSlice ${backend.slice} still lists ${backend.address} for Pod ${backend.podName}, which ${state}${age !== null && late ? `; the controller manager last renewed its lease ${Math.round(age / 1000)} s ago` : ''}.`,
          confidence: late || (tried !== undefined && !works(tried)) ? 'proven' : 'likely',
          blocks: 'path',
          addresses: [backend.address],
          evidence: [
            seen('endpoints', `${backend.slice}: ${backend.address}, ready, targetRef Pod ${backend.podName}`),
            {
              vantage: 'api',
              command: `kubectl -n ${namespace} get pod ${backend.podName} -o wide`,
              saw: pod === null && namesake === undefined ? 'not found' : state,
            },
            ...(age === null ? [] : [seen('controllerLease', `renewed ${Math.round(age / 1000)} s ago`)]),
            ...(tried === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: tried.command,
                    saw: `${endpoint(tried.address, tried.port)}: ${sawConnect(tried)}`,
                  },
                ]),
          ],
          ruledOut: [
            { id: 'kube-proxy-stale', because: 'the slice itself holds the old address, not only the rules of a node' },
          ],
          fix: [
            late
              ? {
                  say: 'Bring kube-controller-manager back: it keeps the slices',
                  run: 'kubectl -n kube-system get lease kube-controller-manager -o yaml',
                }
              : {
                  say: 'See whether kube-controller-manager works',
                  run: 'kubectl -n kube-system get lease kube-controller-manager -o yaml',
                },
            {
              say: 'Then let it write the slice anew',
              run: `kubectl -n ${namespace} delete endpointslice ${backend.slice}`,
            },
          ],
        },
      ];
    });
    // Several dead addresses in slices of one Service have one root: the controller that no longer writes them.
    const [first] = wrong;
    if (first === undefined) return clear('every endpoint belongs to a Pod that exists and has that address');
    const more = wrong.length - 1;
    const summary =
      more === 0
        ? first.summary
        : first.summary.replace(
            /\.$/,
            `; ${more === 1 ? '1 more address is' : `${more} more addresses are`} stale too.`,
          );
    return faults(
      [
        {
          ...first,
          summary,
          addresses: wrong.flatMap((fault) => fault.addresses ?? []),
          evidence: wrong.flatMap((fault) => fault.evidence).slice(0, 8),
        },
      ],
      '',
    );
  },
});

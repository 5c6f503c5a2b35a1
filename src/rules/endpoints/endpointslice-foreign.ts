import { works } from '../../derive/connects.ts';
import { addressesOf } from '../../derive/pods.ts';
import { viewService } from '../../derive/service-view.ts';
import { selectorText } from '../../netpol/selector.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { FAULTS_OF_ONE_BACKEND, failureWords, showConnect, someNames, triedBackends } from '../support/backends.ts';

const CONTROLLER = 'endpointslice-controller.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

export default defineRule({
  id: 'endpointslice-foreign',
  rung: 'E',
  title: 'A foreign EndpointSlice adds backends',
  needs: ['service', 'endpoints'],
  uses: ['backendConnects'],
  lookAlikes: ['endpointslice-stale', 'selector-too-broad', 'underlay-blocked'],
  explains: FAULTS_OF_ONE_BACKEND,
  judge({ service, endpoints, backendConnects }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || view.selector === null) return notApplicable('no Service with a selector on this path');
    const { name, namespace = '' } = view.ref;
    const own = new Set(view.pods.flatMap(addressesOf));
    const foreign = endpoints.slices.filter((slice) => slice.metadata.labels?.[MANAGED_BY] !== CONTROLLER);
    if (foreign.length === 0) return clear('the endpoint controller wrote every slice');
    const all = foreign.flatMap((slice): readonly Fault[] => {
      const alien = view.used.filter(({ address, slice: from }) => from === slice.metadata.name && !own.has(address));
      const tried = triedBackends(alien, backendConnects);
      const failing = tried.filter(({ reading }) => !works(reading));
      // Backends that somebody adds on purpose and that answer are a migration, and no fault.
      if (failing.length === 0) return [];
      const readings = failing.map(({ reading }) => reading);
      const manager = slice.metadata.labels?.[MANAGED_BY];
      return [
        {
          subject: { kind: 'EndpointSlice', namespace, name: slice.metadata.name },
          summary: `EndpointSlice ${slice.metadata.name} (${manager === undefined ? 'managed by nobody in particular' : `managed by ${manager}`}) adds ${someNames(failing.map(({ backend }) => backend.address))} to Service ${name}: ${failing.length === 1 ? 'it is no address of a selected Pod' : 'they are no addresses of selected Pods'} and ${failureWords(readings)}, so ${failing.length} of ${view.used.length} backends fail.`,
          confidence: 'proven',
          blocks: 'path',
          addresses: readings.map(({ address }) => address),
          evidence: [
            seen(
              'endpoints',
              `${slice.metadata.name}: ${alien.map(({ address }) => address).join(', ')}; ${MANAGED_BY}: ${manager ?? 'not set'}`,
            ),
            {
              vantage: 'api',
              command: `kubectl -n ${namespace} get pods -l ${selectorText(view.selector ?? {})} -o wide`,
              saw: own.size === 0 ? 'No resources found' : `Pods have ${[...own].slice(0, 4).join(', ')}`,
            },
            ...readings.slice(0, 3).map(showConnect),
          ],
          ruledOut: [
            { id: 'endpointslice-stale', because: 'the endpoint controller did not write this slice' },
            { id: 'selector-too-broad', because: 'the selector does not match these addresses' },
          ],
          fix: [
            {
              say: 'Take it away, if nobody wants it',
              run: `kubectl -n ${namespace} delete endpointslice ${slice.metadata.name}`,
            },
            {
              say: 'If it comes back, find who writes it: an operator, or an Endpoints object of that name',
              run: `kubectl -n ${namespace} get endpointslice ${slice.metadata.name} -o yaml --show-managed-fields`,
            },
          ],
        },
      ];
    });
    return faults(all, 'what foreign slices add was not seen to fail');
  },
});

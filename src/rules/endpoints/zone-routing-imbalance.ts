import { works } from '../../derive/connects.ts';
import { clientPlace, routedBackends } from '../../derive/routing.ts';
import { viewService } from '../../derive/service-view.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { FAULTS_OF_ONE_BACKEND, failureWords, showConnect, someNames, triedBackends } from '../support/backends.ts';

export default defineRule({
  id: 'zone-routing-imbalance',
  rung: 'E',
  title: 'Hints send this client to few backends, and those fail',
  needs: ['service', 'endpoints', 'sourcePod', 'nodes', 'backendConnects'],
  uses: ['serviceConnects'],
  lookAlikes: ['internal-traffic-local', 'session-affinity-pinned', 'underlay-blocked'],
  explains: FAULTS_OF_ONE_BACKEND,
  judge({ service, endpoints, sourcePod, nodes, backendConnects, serviceConnects }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    const place = clientPlace(found(sourcePod), nodes);
    const { backends, by } = routedBackends(view.used, view.service, place);
    if (by !== 'zone-hints' && by !== 'node-hints') return clear('no hint keeps a backend from this client');
    const failing = triedBackends(backends, backendConnects).filter(({ reading }) => !works(reading));
    const others = triedBackends(
      view.used.filter((backend) => !backends.includes(backend)),
      backendConnects,
    ).filter(({ reading }) => works(reading));
    const [other] = others;
    if (failing.length === 0) return clear(`the ${backends.length} backends that hints leave to this client answer`);
    if (other === undefined) return clear('the backends that hints leave out do not answer either');
    const where = by === 'zone-hints' ? `zone ${place.zone}` : `node ${place.node}`;
    const readings = failing.map(({ reading }) => reading);
    const tried = serviceConnects?.find((reading) => !works(reading));
    const namespace = view.ref.namespace ?? '';
    const setting = view.service.spec.trafficDistribution;
    return faults(
      [
        {
          subject: view.ref,
          summary: `Service ${view.ref.name} lets clients in ${where} reach only ${backends.length} of ${view.used.length} backends, by hints in its EndpointSlices; ${failing.length === backends.length ? '' : `${failing.length} of them, `}${someNames(failing.map(({ backend }) => backend.podName ?? backend.address))}${failing.length === backends.length ? '' : ','} ${failureWords(readings)}, while ${others.length} elsewhere answer${others.length === 1 ? 's' : ''}.`,
          confidence: tried === undefined ? 'likely' : 'proven',
          blocks: 'service',
          addresses: readings.map(({ address }) => address),
          evidence: [
            ...(setting === undefined ? [] : [seen('service', `spec.trafficDistribution: ${setting}`)]),
            seen(
              'nodes',
              `${flow.source.name} runs on ${place.node}${place.zone === null ? '' : ` in zone ${place.zone}`}`,
            ),
            seen(
              'endpoints',
              `hints for ${where}: ${backends.map((backend) => backend.podName ?? backend.address).join(', ')}`,
            ),
            ...(tried === undefined ? [] : [showConnect(tried)]),
            ...readings.slice(0, 2).map(showConnect),
            showConnect(other.reading),
          ],
          fix: [
            {
              say: `Mend what fails in ${where}, or run more backends there`,
              run: `kubectl -n ${namespace} describe pod ${failing[0]?.backend.podName ?? ''}`.trim(),
            },
            ...(setting === undefined
              ? []
              : [
                  {
                    say: 'Or send to all zones',
                    run: `kubectl -n ${namespace} patch service ${view.ref.name} -p '{"spec":{"trafficDistribution":null}}'`,
                  },
                ]),
          ],
        },
      ],
      '',
    );
  },
});

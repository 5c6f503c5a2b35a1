import { works } from '../../derive/connects.ts';
import { clientPlace, routedBackends } from '../../derive/routing.ts';
import { viewService } from '../../derive/service-view.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { FAULTS_OF_ONE_BACKEND, failureWords, showConnect, triedBackends } from '../support/backends.ts';

/** @see https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity */
const DEFAULT_TIMEOUT_S = 10_800;

export default defineRule({
  id: 'session-affinity-pinned',
  rung: 'E',
  title: 'Session affinity holds this client to a backend that fails',
  needs: ['service', 'endpoints', 'serviceConnects', 'backendConnects'],
  uses: ['sourcePod', 'nodes'],
  lookAlikes: ['zone-routing-imbalance', 'selector-too-broad', 'udp-conntrack-stale'],
  explains: FAULTS_OF_ONE_BACKEND,
  judge({ service, endpoints, serviceConnects, backendConnects, sourcePod, nodes }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    if (view.service.spec.sessionAffinity !== 'ClientIP')
      return clear(`Service ${view.ref.name} holds no client to a backend`);
    const { backends } = routedBackends(view.used, view.service, clientPlace(found(sourcePod), nodes ?? []));
    const tried = triedBackends(backends, backendConnects);
    const failing = tried.filter(({ reading }) => !works(reading));
    const answering = tried.filter(({ reading }) => works(reading));
    const lost = serviceConnects.filter((reading) => !works(reading));
    const [first] = failing;
    const [other] = answering;
    const [sample] = lost;
    if (first === undefined || other === undefined)
      return clear('its backends do not differ: affinity changes nothing');
    // One try that gets through shows that this client is not held to a backend that fails.
    if (sample === undefined || lost.length < serviceConnects.length || lost.length < 2)
      return clear(
        `${serviceConnects.length - lost.length} of ${serviceConnects.length} tries of the Service address work`,
      );
    const chance = (failing.length / tried.length) ** lost.length;
    const seconds = view.service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_TIMEOUT_S;
    const held =
      failing.length === 1 ? (first.backend.podName ?? first.backend.address) : `one of ${failing.length} backends`;
    const namespace = view.ref.namespace ?? '';
    return faults(
      [
        {
          subject: view.ref,
          summary: `Service ${view.ref.name} holds ${flow.source.name} to ${held} by ClientIP affinity, which ${failureWords([first.reading])}: ${lost.length} of ${lost.length} connections to the Service fail, while ${answering.length} of ${tried.length} backends answer.`,
          confidence: chance < 0.05 ? 'likely' : 'possible',
          blocks: 'service',
          addresses: failing.map(({ reading }) => reading.address),
          evidence: [
            seen('service', `spec.sessionAffinity: ClientIP, for ${seconds} s after the last connection`),
            {
              ...showConnect(sample),
              saw: `${showConnect(sample).saw} (${lost.length} of ${lost.length} tries; by chance ${percent(chance)})`,
            },
            ...failing.slice(0, 2).map(({ reading }) => showConnect(reading)),
            showConnect(other.reading),
          ],
          notRuledOut: [{ id: 'kube-proxy-stale', needs: 'the same flow from a second Pod' }],
          fix: [
            {
              say: `Mend ${first.backend.podName ?? first.backend.address}, or let its readiness probe take it out of the Service: then the client is held to another`,
              run: `kubectl -n ${namespace} describe pod ${first.backend.podName ?? ''}`.trim(),
            },
            {
              say: 'Or hold no client to a backend',
              run: `kubectl -n ${namespace} patch service ${view.ref.name} -p '{"spec":{"sessionAffinity":"None"}}'`,
            },
          ],
        },
      ],
      '',
    );
  },
});

function percent(chance: number): string {
  return chance < 0.01 ? 'less than 1 in 100' : `${Math.round(chance * 100)} in 100`;
}

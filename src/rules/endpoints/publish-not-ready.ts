import { works } from '../../derive/connects.ts';
import { isReady, isTerminating, ownerOf } from '../../derive/pods.ts';
import { viewService } from '../../derive/service-view.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { FAULTS_OF_ONE_BACKEND, failureWords, showConnect, someNames, triedBackends } from '../support/backends.ts';

export default defineRule({
  id: 'publish-not-ready',
  rung: 'E',
  title: 'The Service sends to Pods that are not Ready',
  needs: ['service', 'endpoints'],
  uses: ['backendConnects'],
  lookAlikes: ['readiness-failing', 'app-loopback-only', 'terminating-endpoint-race'],
  explains: [...FAULTS_OF_ONE_BACKEND, 'backend-not-running'],
  judge({ service, endpoints, backendConnects }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    if (view.service.spec.publishNotReadyAddresses !== true)
      return clear(`Service ${view.ref.name} publishes Ready Pods only`);
    const unready = view.used.filter(({ pod }) => pod !== null && !isReady(pod) && !isTerminating(pod));
    if (unready.length === 0) return clear('every published Pod is Ready');
    // Databases and the like find their peers this way: what answers is as it is meant to be (faults.md §9, trap 12).
    if (backendConnects === null) return unsure('source', 'whether the Pods that are not Ready answer was not tried');
    const failing = triedBackends(unready, backendConnects).filter(({ reading }) => !works(reading));
    if (failing.length === 0) return clear('the Pods that are published without being Ready answer');
    const answering = triedBackends(view.used, backendConnects).filter(({ reading }) => works(reading));
    const names = failing.map(({ backend }) => backend.podName ?? backend.address);
    const readings = failing.map(({ reading }) => reading);
    const namespace = view.ref.namespace ?? '';
    const owner = failing[0]?.backend.pod == null ? null : ownerOf(failing[0].backend.pod);
    const patch = `kubectl -n ${namespace} patch service ${view.ref.name} -p '{"spec":{"publishNotReadyAddresses":false}}'`;
    const whole = answering.length === 0;
    return faults(
      [
        {
          subject: view.ref,
          summary: `Service ${view.ref.name} publishes Pods that are not Ready (publishNotReadyAddresses): ${someNames(names)} ${names.length === 1 ? 'is' : 'are'} not Ready and ${failureWords(readings)}${whole ? '' : `, while ${answering.length} of ${view.used.length} backends answer`}.`,
          confidence: whole ? 'likely' : 'proven',
          blocks: 'path',
          addresses: readings.map(({ address }) => address),
          evidence: [
            seen('service', 'spec.publishNotReadyAddresses: true'),
            ...failing.slice(0, 3).map(({ backend }) => ({
              vantage: 'api' as const,
              command: `kubectl -n ${namespace} get pod ${backend.podName}`,
              saw: `${backend.podName}: Ready=False, but ready in EndpointSlice ${backend.slice}`,
            })),
            ...readings.slice(0, 3).map(showConnect),
            ...answering.slice(0, 1).map(({ reading }) => showConnect(reading)),
          ],
          fix: [
            {
              say: `See why ${names.length === 1 ? 'it is' : 'they are'} not Ready`,
              run: `kubectl -n ${namespace} describe pod ${names[0]}`,
            },
            {
              say: `Send clients to Ready Pods only; if Pods${owner === null ? '' : ` of ${owner.name}`} find each other by this Service, give clients a second one instead`,
              run: patch,
            },
          ],
        },
      ],
      '',
    );
  },
});

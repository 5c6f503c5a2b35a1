import { works } from '../../derive/connects.ts';
import { isTerminating, ownerOf, podRef } from '../../derive/pods.ts';
import { viewService } from '../../derive/service-view.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { FAULTS_OF_ONE_BACKEND, failureWords, showConnect, someNames, triedBackends } from '../support/backends.ts';

export default defineRule({
  id: 'terminating-endpoint-race',
  rung: 'E',
  title: 'Pods stop serving before they leave the endpoints',
  needs: ['service', 'endpoints', 'backendConnects'],
  uses: [],
  lookAlikes: ['endpointslice-stale', 'targetport-wrong', 'backend-not-running'],
  explains: [...FAULTS_OF_ONE_BACKEND, 'backend-not-running', 'endpointslice-stale'],
  judge({ service, endpoints, backendConnects }, { flow, now, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    const leaving = view.used.filter(({ pod, terminating }) => terminating || (pod !== null && isTerminating(pod)));
    if (leaving.length === 0) return clear('no backend in use is terminating');
    const failing = triedBackends(leaving, backendConnects).filter(({ reading }) => !works(reading));
    const [first] = failing;
    if (first === undefined) return clear('the backends that are terminating still answer');
    const { pod } = first.backend;
    const subject = (pod === null ? null : ownerOf(pod)) ?? (pod === null ? view.ref : podRef(pod));
    const names = failing.map(({ backend }) => backend.podName ?? backend.address);
    const readings = failing.map(({ reading }) => reading);
    const since = pod?.metadata.deletionTimestamp;
    const whole = failing.length === view.used.length;
    const namespace = view.ref.namespace ?? '';
    return faults(
      [
        {
          subject,
          summary: `${someNames(names)} of ${subject.kind} ${subject.name} ${names.length === 1 ? 'is' : 'are'} terminating and ${names.length === 1 ? 'is still an endpoint' : 'are still endpoints'} of Service ${view.ref.name}, but ${failureWords(readings)}: ${names.length === 1 ? 'it stops' : 'they stop'} serving before ${names.length === 1 ? 'it leaves' : 'they leave'} the endpoints${whole ? ', and nothing has taken over' : ''}.`,
          confidence: 'proven',
          blocks: 'path',
          addresses: readings.map(({ address }) => address),
          evidence: [
            ...failing
              .slice(0, 3)
              .map(({ backend }) =>
                seen(
                  'endpoints',
                  `${backend.slice}: ${backend.address} (${backend.podName}), serving ${backend.serving}, terminating ${backend.terminating}`,
                ),
              ),
            ...(since === undefined
              ? []
              : [
                  {
                    vantage: 'api' as const,
                    command: `kubectl -n ${namespace} get pod ${names[0]} -o yaml`,
                    saw: `deletionTimestamp ${since}, ${deadline(Date.parse(since) - now)}`,
                  },
                ]),
            ...readings.slice(0, 3).map(showConnect),
          ],
          fix: [
            {
              say: 'Let the Pods go on serving for some seconds after they are told to end (Kubernetes 1.30 and newer)',
              ...(subject.kind === 'Deployment' || subject.kind === 'StatefulSet' || subject.kind === 'DaemonSet'
                ? {
                    run: `kubectl -n ${namespace} patch ${subject.kind.toLowerCase()} ${subject.name} -p '${JSON.stringify({ spec: { template: { spec: { containers: [{ name: pod?.spec.containers[0]?.name ?? 'app', lifecycle: { preStop: { sleep: { seconds: 10 } } } }] } } } })}'`,
                  }
                : {}),
            },
            ...(whole && subject.kind === 'Deployment'
              ? [
                  {
                    say: 'See whether the rollout waits for the old Pods: strategy Recreate does',
                    run: `kubectl -n ${namespace} rollout status deployment ${subject.name}`,
                  },
                ]
              : []),
          ],
        },
      ],
      '',
    );
  },
});

/** `deletionTimestamp` is when the grace period ends, not when the Pod was deleted. */
function deadline(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  return ms >= 0 ? `${seconds} s from now` : `${seconds} s ago`;
}

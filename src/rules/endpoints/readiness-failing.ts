import { isOverflowing, sawQueue } from '../../derive/accept-queue.ts';
import { endpoint } from '../../derive/connects.ts';
import { addressesOf, isReady, ownerOf, podRef, stoppedBecause } from '../../derive/pods.ts';
import { viewService } from '../../derive/service-view.ts';
import type { AcceptQueue, ConnectReading } from '../../evidence/readings.ts';
import type { PodSnapshot } from '../../evidence/snapshots.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'readiness-failing',
  rung: 'E',
  title: 'The backend Pods run but are not Ready',
  needs: ['service', 'endpoints'],
  uses: ['events', 'backendConnects', 'acceptQueues'],
  lookAlikes: ['backend-not-running', 'selector-mismatch', 'node-down'],
  // What is left is too little for the load: who only gives it a longer queue mends nothing.
  explains: ['listen-overflow'],
  judge({ service, endpoints, events, backendConnects, acceptQueues }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || view.selector === null) return notApplicable('no Service with a selector on this path');
    if (view.service.spec.publishNotReadyAddresses === true)
      return clear(`Service ${view.ref.name} publishes Pods that are not Ready on purpose`);
    const unready = view.pods.filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && stoppedBecause(pod) === null && !isReady(pod),
    );
    const [first] = unready;
    if (first === undefined)
      return clear(view.pods.length === 0 ? 'no Pod matches the selector' : 'every running Pod is Ready');
    const isTooMuch =
      view.used.length > 0 &&
      view.used.every(({ podName }) => acceptQueues?.some((queue) => queue.pod === podName && isOverflowing(queue)));
    const owner = ownerOf(first);
    const subject = owner ?? podRef(first);
    const probe = probeText(first);
    const event = events?.find(
      (candidate) =>
        candidate.reason === 'Unhealthy' &&
        candidate.message?.startsWith('Readiness') === true &&
        unready.some((pod) => pod.metadata.name === candidate.involvedObject.name),
    );
    const answer = event?.message?.replace(/^Readiness probe (failed|errored): /, '').split('\n')[0] ?? null;
    const whose =
      owner === null && view.pods.length === 1
        ? `Pod ${subject.name}`
        : `${view.pods.length === 1 ? 'The only Pod' : `${unready.length} of ${view.pods.length} Pods`} of ${subject.kind} ${subject.name}`;
    const who = `${whose} ${unready.length === 1 ? 'runs but is' : 'run but are'}`;
    const gate = first.spec.readinessGates?.find(
      (candidate) =>
        first.status?.conditions?.find((condition) => condition.type === candidate.conditionType)?.status !== 'True',
    );
    const direct = backendConnects?.find(
      (reading: ConnectReading) =>
        unready.some((pod) => addressesOf(pod).includes(reading.address)) && reading.outcome.kind === 'connected',
    );
    const why =
      gate !== undefined
        ? `readiness gate ${gate.conditionType} is not set`
        : `readiness probe ${probe ?? '(none)'}${answer === null ? '' : ` says: ${answer}`}`;
    return faults(
      [
        {
          subject,
          summary: `${who} not Ready, so Service ${view.ref.name} ${view.used.length === 0 ? 'has no usable endpoint' : `uses only ${view.used.length} other${view.used.length === 1 ? '' : 's'}`}: ${why}${direct === undefined ? '' : `, while ${endpoint(direct.address, direct.port)} accepts connections`}.`,
          confidence: 'proven',
          blocks: view.used.length === 0 || isTooMuch ? 'service' : null,
          evidence: [
            ...unready.slice(0, 3).map((pod) => ({
              vantage: 'api' as const,
              command: `kubectl -n ${pod.metadata.namespace} get pod ${pod.metadata.name}`,
              saw: 'Running, Ready=False',
            })),
            ...(isTooMuch
              ? [seen('acceptQueues', `those that are left are overloaded: ${sawQueues(acceptQueues ?? [])}`)]
              : []),
            ...(event === undefined ? [] : [seen('events', event.message ?? '')]),
            ...(direct === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: direct.command,
                    saw: 'connected: the application listens, the probe asks something else',
                  },
                ]),
          ],
          fix:
            gate !== undefined
              ? [
                  {
                    say: `Find out who should set ${gate.conditionType}`,
                    run: `kubectl -n ${subject.namespace} describe pod ${first.metadata.name}`,
                  },
                ]
              : [
                  {
                    say: `Correct the readiness probe of ${subject.kind} ${subject.name}, or what it asks for`,
                    run: `kubectl -n ${subject.namespace} edit ${subject.kind.toLowerCase()} ${subject.name}`,
                  },
                  {
                    say: 'See the failing probe',
                    run: `kubectl -n ${subject.namespace} describe pod ${first.metadata.name}`,
                  },
                ],
        },
      ],
      '',
    );
  },
});

/** `GET :8081/healthz`, `TCP :9`, `exec false`: the first readiness probe of a Pod; null without one. */
function probeText(pod: PodSnapshot): string | null {
  const probe = pod.spec.containers.find((container) => container.readinessProbe !== undefined)?.readinessProbe;
  if (probe?.httpGet !== undefined) return `GET :${probe.httpGet.port}${probe.httpGet.path ?? '/'}`;
  if (probe?.tcpSocket !== undefined) return `TCP :${probe.tcpSocket.port}`;
  if (probe?.exec !== undefined) return `exec ${(probe.exec.command ?? []).join(' ')}`;
  if (probe?.grpc !== undefined) return `gRPC :${probe.grpc.port}`;
  return null;
}

function sawQueues(queues: readonly AcceptQueue[]): string {
  return queues.map((queue) => `${queue.pod}: ${sawQueue(queue)}`).join('; ');
}

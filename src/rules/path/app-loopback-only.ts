import { endpoint, isReset, sawConnect, works } from '../../derive/connects.ts';
import { isLoopback, reachableOn, socketText } from '../../derive/listeners.ts';
import { declaredPorts, podRef, podsBehind } from '../../derive/pods.ts';
import type { ConnectReading } from '../../evidence/readings.ts';
import type { PodSnapshot } from '../../evidence/snapshots.ts';
import { clear, defineRule, type Fault, faults } from '../rule.ts';
import { editOwner } from '../support/workload.ts';

export default defineRule({
  id: 'app-loopback-only',
  rung: 'P',
  title: 'The application listens on loopback only',
  needs: ['backendConnects'],
  uses: ['endpoints', 'destinationPod', 'listeners', 'otherPorts'],
  lookAlikes: ['targetport-wrong'],
  explains: [],
  judge({ backendConnects, endpoints, destinationPod, listeners, otherPorts }, { reach, seen }) {
    // A Pod that nothing is sent to may well refuse: it is not up yet, and Kubernetes knows.
    const refused = backendConnects.filter((reading) => isReset(reading) && reach.failing.includes(reading.address));
    if (refused.length === 0) return clear('no backend refuses the connection');
    const pods = podsBehind(endpoints, destinationPod);
    const all = refused.flatMap((reading): readonly Fault[] => {
      const pod = pods.find((candidate) => candidate.metadata.name === reading.owner.name);
      if (pod === undefined) return [];
      const sockets = listeners?.[pod.metadata.name];
      if (sockets === undefined)
        return guess(pod, reading, {
          otherPorts: otherPorts ?? [],
          isRightPort: backendConnects.some((other) => works(other) && other.port === reading.port),
        });
      const loopback = sockets.filter((socket) => socket.port === reading.port && isLoopback(socket.address));
      const [socket] = loopback;
      if (socket === undefined || reachableOn(sockets, reading.port).length > 0) return [];
      return [
        {
          subject: podRef(pod),
          summary: `${pod.metadata.name} listens on ${socketText(socket)} only, which no other Pod can reach; connections to ${endpoint(reading.address, reading.port)} are refused.`,
          confidence: 'proven',
          blocks: 'path',
          addresses: [reading.address],
          evidence: [
            {
              vantage: 'source',
              command: reading.command,
              saw: `${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
            },
            seen('listeners', `${pod.metadata.name} listens on ${sockets.map(socketText).join(', ')}`),
          ],
          ruledOut: [
            { id: 'targetport-wrong', because: `port ${reading.port} is the right one: something listens on it` },
          ],
          fix: [
            { say: `Let the application bind 0.0.0.0 (or [::]) instead of ${socket.address}`, ...editOwner(pod) },
            ...readiness(pod),
          ],
        },
      ];
    });
    const needsBackend = all.some((fault) => fault.confidence === 'possible');
    return faults(all, needsBackend ? '' : 'the refusing Pods have no socket on loopback for this port');
  },
});

/** From outside, a port on loopback and a port without listener look the same. */
function guess(
  pod: PodSnapshot,
  reading: ConnectReading,
  { otherPorts, isRightPort }: { readonly otherPorts: readonly ConnectReading[]; readonly isRightPort: boolean },
): readonly Fault[] {
  const declared = declaredPorts(pod).some((port) => port.containerPort === reading.port);
  const elsewhere = otherPorts.some((other) => other.address === reading.address && other.outcome.kind === 'connected');
  if ((!declared && !isRightPort) || elsewhere) return [];
  return [
    {
      subject: podRef(pod),
      summary: `Nothing that other Pods can reach listens on port ${reading.port} of ${pod.metadata.name}, although ${isRightPort ? 'other backends answer there' : 'the Pod declares it'}: the application is not up, uses another port, or listens on 127.0.0.1 only.`,
      confidence: 'possible',
      blocks: 'path',
      addresses: [reading.address],
      evidence: [
        {
          vantage: 'source',
          command: reading.command,
          saw: `${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
        },
      ],
      notRuledOut: [{ id: 'targetport-wrong', needs: 'access backend' }],
      fix: [
        {
          say: 'See what the Pod listens on',
          run: `kubectl -n ${pod.metadata.namespace} exec ${pod.metadata.name} -- sh -c 'ss -ltn || netstat -ltn'`,
        },
        ...readiness(pod),
      ],
    },
  ];
}

/** Without a readiness probe Kubernetes keeps such a Pod among the endpoints. */
function readiness(pod: PodSnapshot): readonly { say: string }[] {
  return pod.spec.containers.some(
    (container) => container.readinessProbe?.httpGet !== undefined || container.readinessProbe?.tcpSocket !== undefined,
  )
    ? []
    : [{ say: 'Add a readiness probe on that port: without one Kubernetes cannot take such a Pod out of the Service' }];
}

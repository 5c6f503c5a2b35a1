import { isHeadless } from '../../derive/backends.ts';
import { endpoint, isReset, sawConnect, works } from '../../derive/connects.ts';
import { isLoopback } from '../../derive/listeners.ts';
import { declaredPorts } from '../../derive/pods.ts';
import { askedPort, portName, protocolOf } from '../../derive/service-port.ts';
import { type ServiceView, viewService } from '../../derive/service-view.ts';
import { sawUdp } from '../../derive/udp.ts';
import type { Listener, UdpCounters, UdpReading } from '../../evidence/readings.ts';
import { clear, defineRule, faults, type Judgement, notApplicable, unsure } from '../rule.ts';

export default defineRule({
  id: 'targetport-wrong',
  rung: 'E',
  title: 'Nothing listens on the port the Service targets',
  needs: ['service', 'endpoints'],
  uses: ['backendConnects', 'otherPorts', 'listeners', 'udpProbes', 'udpBefore'],
  lookAlikes: ['app-loopback-only', 'named-targetport-missing'],
  explains: [],
  judge({ service, endpoints, backendConnects, otherPorts, listeners, udpProbes, udpBefore }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    if (view.selector === null) return notApplicable('the endpoints of this Service are written by hand');
    if (isHeadless(view.service) && askedPort(flow) !== null)
      return notApplicable('nothing translates the port of a headless Service');
    if (view.protocol === 'UDP') return judgeUdp(view, udpProbes ?? [], udpBefore ?? []);
    if (backendConnects === null) return unsure('source', 'no backend was connected to');
    const tried = view.used.flatMap((backend) =>
      backendConnects.filter((reading) => reading.address === backend.address),
    );
    const reset = tried.filter(isReset);
    const [first] = reset;
    if (first === undefined) return clear('no backend refuses the connection');
    // One Pod of several without a listener is a fault of that Pod, not of the Service's mapping.
    if (tried.some(works)) return clear(`${tried.filter(works).length} of ${tried.length} backends listen on it`);
    const target = first.port;
    const pods = view.used.filter((backend) => reset.some((reading) => reading.address === backend.address));
    const sockets: readonly (readonly Listener[])[] = pods
      .flatMap((backend) => (backend.podName === null ? [] : [listeners?.[backend.podName]]))
      .filter((found) => found !== undefined);
    const onTarget = sockets.flat().filter((socket) => socket.port === target);
    if (onTarget.some((socket) => isLoopback(socket.address)))
      return clear(`something listens on port ${target}, but only on loopback`);
    if (onTarget.length > 0) return clear(`something listens on port ${target}`);
    const heard = [
      ...new Set(
        sockets
          .flat()
          .filter((socket) => !isLoopback(socket.address))
          .map((socket) => socket.port),
      ),
    ];
    const answering = (otherPorts ?? []).find(
      (reading) => reading.outcome.kind === 'connected' && reset.some((other) => other.address === reading.address),
    );
    const declared = [
      ...new Set(
        pods
          .flatMap((backend) => (backend.pod === null ? [] : declaredPorts(backend.pod)))
          .filter((port) => protocolOf(port) === view.protocol)
          .map((port) => port.containerPort),
      ),
    ];
    const right =
      answering?.port ??
      (heard.length === 1 ? heard[0] : declared.find((port) => port !== target && heard.includes(port)));
    const proven = sockets.length > 0;
    if (!proven && answering === undefined && declared.includes(target))
      return unsure(
        'backend',
        `the Pods declare port ${target}; whether anything listens there is only visible inside them`,
      );
    const index = (view.service.spec.ports ?? []).indexOf(view.port);
    return faults(
      [
        {
          subject: view.ref,
          summary: `Service ${view.ref.name} sends port ${portName(view.port)} to port ${target} of its Pods, where nothing listens${right === undefined ? '' : `; ${pods[0]?.podName ?? first.owner.name} listens on ${right}`}.`,
          confidence: proven ? 'proven' : answering !== undefined ? 'likely' : 'possible',
          blocks: 'path',
          addresses: reset.map((reading) => reading.address),
          evidence: [
            seen(
              'service',
              `spec.ports[${index}]: port ${view.port.port}, targetPort ${view.port.targetPort ?? view.port.port}`,
            ),
            ...reset.slice(0, 3).map((reading) => ({
              vantage: 'source' as const,
              command: reading.command,
              saw: `${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
            })),
            ...(answering === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: answering.command,
                    saw: `${endpoint(answering.address, answering.port)}: ${sawConnect(answering)}`,
                  },
                ]),
            ...(proven
              ? [
                  seen(
                    'listeners',
                    heard.length === 0
                      ? `nothing on port ${target}`
                      : `listening on ${heard.join(', ')}, not on ${target}`,
                  ),
                ]
              : []),
          ],
          ...(proven ? { ruledOut: [{ id: 'app-loopback-only', because: `no socket on port ${target} at all` }] } : {}),
          fix:
            right === undefined
              ? [
                  {
                    say: 'Find the port the application listens on, and target that',
                    run: `kubectl -n ${view.ref.namespace} edit service ${view.ref.name}`,
                  },
                ]
              : [
                  {
                    say: `Target port ${right}`,
                    run: `kubectl -n ${view.ref.namespace} patch service ${view.ref.name} --type=json -p '[{"op":"${view.port.targetPort === undefined ? 'add' : 'replace'}","path":"/spec/ports/${index}/targetPort","value":${right}}]'`,
                  },
                ],
        },
      ],
      '',
    );
  },
});

/** A Pod without a socket on that port says so with ICMP; silence says nothing. */
function judgeUdp(view: ServiceView, sent: readonly UdpReading[], counters: readonly UdpCounters[]): Judgement {
  const direct = sent.filter(({ address }) => view.used.some((backend) => backend.address === address));
  const refused = direct.filter(
    ({ address, outcome, refusal }) => outcome.kind === 'refused' && (refusal === null || refusal.from === address),
  );
  const [first] = refused;
  if (first === undefined) return clear('no backend refuses a datagram');
  if (refused.length < direct.length)
    return clear(`${direct.length - refused.length} of ${direct.length} backends do not refuse it`);
  const bound = counters.find(({ pod }) => pod === first.owner.name)?.bound ?? [];
  const heard = [...new Set(bound.filter(({ address }) => !isLoopback(address)).map(({ port }) => port))];
  const right = heard.length === 1 && heard[0] !== first.port ? heard[0] : undefined;
  const index = (view.service.spec.ports ?? []).indexOf(view.port);
  const { namespace, name } = view.ref;
  return faults(
    [
      {
        subject: view.ref,
        summary: `Service ${name} sends port ${portName(view.port)} to UDP port ${first.port} of its Pods, where nothing listens${right === undefined ? '' : `; ${first.owner.name} listens on ${right}`}.`,
        confidence: counters.length > 0 || first.refusal !== null ? 'proven' : 'likely',
        blocks: 'path',
        addresses: refused.map(({ address }) => address),
        evidence: [
          ...refused.slice(0, 3).map((reading) => ({
            vantage: 'source' as const,
            command: reading.command,
            saw: `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawUdp(reading)}`,
          })),
          ...counters.slice(0, 1).map(({ command, pod }) => ({
            vantage: 'backend' as const,
            command,
            saw:
              heard.length === 0 ? `${pod}: no UDP socket that others can reach` : `${pod}: UDP on ${heard.join(', ')}`,
          })),
        ],
        fix: [
          right === undefined
            ? {
                say: 'Find the UDP port the application listens on, and target that',
                run: `kubectl -n ${namespace} edit service ${name}`,
              }
            : {
                say: `Target port ${right}`,
                run: `kubectl -n ${namespace} patch service ${name} --type=json -p '[{"op":"${view.port.targetPort === undefined ? 'add' : 'replace'}","path":"/spec/ports/${index}/targetPort","value":${right}}]'`,
              },
        ],
      },
    ],
    '',
  );
}

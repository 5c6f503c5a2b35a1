import { isOverflowing, sawQueue } from '../../derive/accept-queue.ts';
import { endpoint, sawConnect } from '../../derive/connects.ts';
import { ownerOf, podRef, podsBehind } from '../../derive/pods.ts';
import { badTries, isIntermittent, lostPings, sawPing, sawTries } from '../../derive/tries.ts';
import type { AcceptQueue, TriesReading } from '../../evidence/readings.ts';
import type { PodSnapshot } from '../../evidence/snapshots.ts';
import { clear, defineRule, type Fault, faults, unsure } from '../rule.ts';

export default defineRule({
  id: 'listen-overflow',
  rung: 'P',
  title: 'The application does not accept connections fast enough',
  needs: ['backendConnects'],
  uses: ['acceptQueues', 'manyConnects', 'endpoints', 'destinationPod'],
  lookAlikes: ['packet-loss', 'app-hung', 'conntrack-full'],
  explains: ['app-hung'],
  judge({ backendConnects, acceptQueues, manyConnects, endpoints, destinationPod }, { reach }) {
    const pods = podsBehind(endpoints, destinationPod);
    const full = (acceptQueues ?? []).filter(isOverflowing);
    const all = full.flatMap((queue): readonly Fault[] => {
      const pod = pods.find(({ metadata }) => metadata.name === queue.pod);
      const reading = backendConnects.find(({ owner }) => owner.name === queue.pod);
      if (pod === undefined || reading === undefined || !reach.failing.includes(reading.address)) return [];
      // There was room for this one, and nobody spoke to it: the application hangs, and what fills its queue now is us.
      if (reading.outcome.kind === 'connected' && reading.exchange.kind === 'silent') return [];
      const many = manyConnects?.find(({ address }) => address === reading.address);
      const replicas = pods.filter((other) => ownerOf(other)?.name === ownerOf(pod)?.name).length + 1;
      return [
        faultOf({
          queue,
          pod,
          replicas,
          address: reading.address,
          saw: sawConnect(reading),
          command: reading.command,
          many,
        }),
      ];
    });
    if (all.length > 0 || acceptQueues !== null) return faults(all, 'no accept queue of the backends is full');
    // From outside: the Pod answers pings, and drops connections.
    const suspect = (manyConnects ?? []).find(
      (reading) =>
        reading.owner.kind === 'Pod' &&
        isIntermittent(reading) &&
        reading.ping !== null &&
        reading.ping.received > 0 &&
        lostPings(reading.ping) === 0,
    );
    return suspect === undefined
      ? clear('no connection is lost where pings are not')
      : unsure(
          'backend',
          `${suspect.owner.name} loses ${badTries(suspect)} of ${suspect.tries.length} connections and no ping: its accept queue is only visible inside it`,
        );
  },
});

interface Case {
  readonly queue: AcceptQueue;
  readonly pod: PodSnapshot;
  /** One more than there are. */
  readonly replicas: number;
  readonly address: string;
  readonly saw: string;
  readonly command: string;
  readonly many: TriesReading | undefined;
}

function faultOf({ queue, pod, replicas, address, saw, command, many }: Case): Fault {
  const dropped = queue.after.overflows - queue.before.overflows;
  const owner = ownerOf(pod);
  const { namespace = '', name } = pod.metadata;
  return {
    subject: podRef(pod),
    summary: `The accept queue of ${name} port ${queue.port} is full (${queue.queued} wait, at most ${queue.backlog} may): its application does not accept connections fast enough, and new ones are dropped.`,
    confidence: dropped > 0 && queue.inside.connected < queue.inside.tried ? 'proven' : 'likely',
    blocks: 'path',
    addresses: [address],
    evidence: [
      { vantage: 'source', command, saw: `${endpoint(address, queue.port)}: ${saw}` },
      ...(many === undefined
        ? []
        : [
            {
              vantage: 'source' as const,
              command: many.command,
              saw: `${sawTries(many)}${many.ping === null ? '' : `; ${sawPing(many.ping)}`}`,
            },
          ]),
      { vantage: 'backend', command: queue.command, saw: sawQueue(queue) },
    ],
    ruledOut: [
      ...(queue.inside.connected < queue.inside.tried
        ? [{ id: 'packet-loss', because: 'a connection from inside the Pod, without any network, is dropped too' }]
        : []),
      { id: 'conntrack-full', because: 'the Pod itself counts what it drops' },
    ],
    fix: [
      {
        say: 'See what the application is busy with: it must accept faster, or there must be more of it',
        run: `kubectl -n ${namespace} logs ${name} --tail=50`,
      },
      ...(owner?.kind === 'Deployment' || owner?.kind === 'StatefulSet'
        ? [
            {
              say: 'More replicas share the load',
              run: `kubectl -n ${namespace} scale ${owner.kind.toLowerCase()} ${owner.name} --replicas=${replicas}`,
            },
          ]
        : []),
      {
        say: `Let more connections wait: the backlog that it gives to listen(2), now ${queue.backlog}, and net.core.somaxconn`,
      },
    ],
  };
}

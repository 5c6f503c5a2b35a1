import { endpoint, isReset, sawConnect } from '../../derive/connects.ts';
import { isLoopback, socketText } from '../../derive/listeners.ts';
import { podRef, podsBehind } from '../../derive/pods.ts';
import type { Listener } from '../../evidence/readings.ts';
import { clear, defineRule, type Fault, faults } from '../rule.ts';
import { editOwner } from '../support/workload.ts';

export default defineRule({
  id: 'app-wrong-family',
  rung: 'P',
  title: 'The application listens on the other IP family only',
  needs: ['backendConnects', 'listeners'],
  uses: ['endpoints', 'destinationPod'],
  lookAlikes: ['app-loopback-only', 'targetport-wrong', 'ip-family-mismatch'],
  explains: ['app-loopback-only'],
  judge({ backendConnects, listeners, endpoints, destinationPod }, { reach, seen }) {
    const refused = backendConnects.filter((reading) => isReset(reading) && reach.failing.includes(reading.address));
    if (refused.length === 0) return clear('no backend refuses the connection');
    const pods = podsBehind(endpoints, destinationPod);
    const all = refused.flatMap((reading): readonly Fault[] => {
      const pod = pods.find((candidate) => candidate.metadata.name === reading.owner.name);
      const sockets = (pod === undefined ? undefined : listeners[pod.metadata.name])?.filter(
        ({ port, address }) => port === reading.port && !isLoopback(address),
      );
      const asked = reading.address.includes(':') ? 6 : 4;
      const [socket] = sockets ?? [];
      if (pod === undefined || sockets === undefined || socket === undefined) return [];
      // Refused by a Pod whose sockets are all of the other family.
      if (sockets.some((one) => familyOf(one) !== (asked === 4 ? 6 : 4))) return [];
      const heard = asked === 4 ? 'IPv6' : 'IPv4';
      return [
        {
          subject: podRef(pod),
          summary: `${pod.metadata.name} listens on ${heard} only (${socketText(socket)}); IPv${asked} clients are refused at ${endpoint(reading.address, reading.port)}.`,
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
            { id: 'app-loopback-only', because: `${socketText(socket)} is no loopback address` },
            { id: 'targetport-wrong', because: `port ${reading.port} is the right one: something listens on it` },
          ],
          fix: [
            {
              say:
                asked === 4
                  ? 'Let the application bind both families: [::] without IPV6_V6ONLY, or 0.0.0.0 as well'
                  : 'Let the application bind [::], or both families',
              ...editOwner(pod),
            },
          ],
        },
      ];
    });
    return faults(all, 'the refusing Pods have no socket of the other family alone');
  },
});

/**
 * `*` is both. ss(8) prints `[::]` for a socket that is IPv6 only; /proc/net/tcp6, which has no backlog, tells the two not apart.
 */
function familyOf({ address, backlog }: Listener): 4 | 6 | null {
  if (address === '*' || address.startsWith('::ffff:')) return null;
  if (!address.includes(':')) return 4;
  return address === '::' && backlog === 0 ? null : 6;
}

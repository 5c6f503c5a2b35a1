/** What the rules of rung E have in common when it comes to single backends. */
import type { Backend } from '../../derive/backends.ts';
import { endpoint, sawConnect, works } from '../../derive/connects.ts';
import type { ConnectReading } from '../../evidence/readings.ts';
import type { FaultId, Proof } from '../rule.ts';

/** What is wrong with one backend by itself, once it is clear why its failure reaches this client. */
export const FAULTS_OF_ONE_BACKEND: readonly FaultId[] = [
  'app-loopback-only',
  'app-wrong-family',
  'app-hung',
  'listen-overflow',
  'targetport-wrong',
  'underlay-blocked',
  'node-down',
  'pod-netns-broken',
  'route-missing',
  'forward-drop',
  'mtu-blackhole',
  'packet-loss',
  'pod-ip-conflict',
  'host-firewall-input',
  'rp-filter-strict',
  'vxlan-vtep-stale',
  'vxlan-csum-offload',
  'cidr-overlap',
  'neigh-overflow',
];

/** A connection as a line of proof: `api-a 10.244.1.11:8080: connected in 0.9 ms, HTTP 200`. */
export function showConnect(reading: ConnectReading): Proof {
  const owner = reading.owner.name === reading.address ? '' : `${reading.owner.name} `;
  return {
    vantage: 'source',
    command: reading.command,
    saw: `${owner}${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
  };
}

/** Backends that were tried directly, each with what came of it. */
export function triedBackends(
  backends: readonly Backend[],
  readings: readonly ConnectReading[] | null,
): readonly { readonly backend: Backend; readonly reading: ConnectReading }[] {
  return backends.flatMap((backend) => {
    const reading = readings?.find(
      (candidate) =>
        candidate.address === backend.address && (backend.port === null || candidate.port === backend.port),
    );
    return reading === undefined ? [] : [{ backend, reading }];
  });
}

/** `refuses`, `does not answer`: what failing backends do, for a sentence about one or several. */
export function failureWords(readings: readonly ConnectReading[]): string {
  const [first] = readings.filter((reading) => !works(reading));
  const one = readings.length === 1;
  switch (first?.outcome.kind) {
    case 'refused':
      return one ? 'refuses connections' : 'refuse connections';
    case 'host-unreachable':
    case 'net-unreachable':
      return 'cannot be reached';
    case 'connected':
      return one ? 'accepts connections and says nothing' : 'accept connections and say nothing';
    default:
      return one ? 'does not answer' : 'do not answer';
  }
}

/** `api-a`, `api-a and api-b`, `api-a, api-b and 3 more`. */
export function someNames(names: readonly string[]): string {
  const [first = '', second] = names;
  if (second === undefined) return first;
  return names.length === 2 ? `${first} and ${second}` : `${first}, ${second} and ${names.length - 2} more`;
}

import { endpoint, sawConnect } from '../../derive/connects.ts';
import { addressesOf, ownerOf, podRef } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import type { ConnectReading, PodNetwork } from '../../evidence/readings.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'pod-netns-broken',
  rung: 'P',
  title: "The source Pod's own link or routes are broken",
  needs: ['sourcePod', 'podNetwork'],
  uses: ['backendConnects', 'serviceConnects', 'nodeConnects'],
  lookAlikes: ['ip-forward-off', 'forward-drop', 'netpol-default-deny-egress', 'node-down'],
  explains: [
    'underlay-blocked',
    'node-down',
    'route-missing',
    'route-return-missing',
    'dns-coredns-down',
    'dns-nameserver-wrong',
    'dns-upstream-unreachable',
    'kube-proxy-down',
    'netpol-egress-dns-missing',
    'dns-nodelocal-down',
    'dns-replica-partial',
    'proxy-rules-flushed',
    'endpointslice-stale',
  ],
  judge({ sourcePod, podNetwork, backendConnects, serviceConnects, nodeConnects }, { reach, seen }) {
    const pod = found(sourcePod);
    if (pod === null) return notApplicable('the source Pod does not exist');
    if (pod.spec.hostNetwork === true) return notApplicable('the source uses the host network');
    const all = [...(backendConnects ?? []), ...(serviceConnects ?? []), ...(nodeConnects ?? [])];
    const broken = brokenAs(podNetwork, addressesOf(pod));
    if (broken === null) return clear('its links are up, it has a route, and its gateway is there');
    const failed = all.filter((reading) => !cameBack(reading));
    // Without a default route the own subnet can still be reached, and a wrong device leads only some addresses astray.
    const stops = broken.stops;
    if (failed.length === 0 || (stops === 'everything' && failed.length < all.length))
      return clear('some connections of the same Pod get through');
    const { namespace = '', name } = pod.metadata;
    const owner = ownerOf(pod);
    const stopsName = reach.name === 'fails' || reach.name === 'partly';
    const what = { everything: 'anything', outside: 'anything outside its own subnet', one: podNetwork.routeTo.to }[
      stops
    ];
    return faults(
      [
        {
          subject: podRef(pod),
          summary: `${name} cannot reach ${what}: ${broken.why}.`,
          confidence: 'proven',
          blocks: stopsName ? 'name' : 'path',
          evidence: [
            seen('podNetwork', broken.saw),
            ...failed.slice(0, 2).map((reading) => ({
              vantage: 'source' as const,
              command: reading.command,
              saw: `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
            })),
          ],
          ruledOut: [{ id: 'ip-forward-off', because: 'nothing leaves the Pod, its node has nothing to forward' }],
          fix: [
            owner === null
              ? {
                  say: 'Create the Pod again: it gets a new network then',
                  run: `kubectl -n ${namespace} get pod ${name} -o yaml`,
                }
              : {
                  say: `Delete the Pod: ${owner.kind} ${owner.name} makes another with a new network`,
                  run: `kubectl -n ${namespace} delete pod ${name}`,
                },
            {
              say: 'Find out what took it away: the network plugin of its node, an additional network (annotation k8s.v1.cni.cncf.io/networks), a program with NET_ADMIN in the Pod',
              run: `kubectl -n ${namespace} describe pod ${name}`,
            },
          ],
        },
      ],
      '',
    );
  },
});

/** Anything that came from outside the Pod, a refusal too. */
function cameBack({ outcome, refusal }: ConnectReading): boolean {
  return outcome.kind === 'connected' || outcome.kind === 'refused' || refusal !== null;
}

interface Broken {
  readonly why: string;
  readonly saw: string;
  readonly stops: 'everything' | 'outside' | 'one';
}

function brokenAs(
  { links, gateway, routeTo, gatewayNeighbour, gatewayPing }: PodNetwork,
  own: readonly string[],
): Broken | null {
  const whole = (why: string, saw = why): Broken => ({ why, saw, stops: 'everything' });
  const device = gateway?.device ?? links.find(({ name }) => name.startsWith('eth'))?.name;
  const link = links.find(({ name }) => name === device);
  if (links.length === 0) return whole('it has no network device but loopback');
  if (link !== undefined && !link.isUp) return whole(`its device ${link.name} is down`);
  if (link !== undefined && !link.hasCarrier)
    return whole(
      `${link.name} has no carrier: the other end, on the node, is down or gone`,
      `${link.name}: NO-CARRIER`,
    );
  // A Pod that has no address of a family has no route for it either, as it should be.
  const isForeign = own.length > 0 && !own.some((address) => address.includes(':') === routeTo.to.includes(':'));
  if (routeTo.device === null && !isForeign)
    return {
      why: gateway === null ? 'it has no default route' : `its routes refuse ${routeTo.to}`,
      saw: `ip route get ${routeTo.to}: ${routeTo.text}`,
      stops: gateway === null ? 'outside' : 'one',
    };
  const isGatewayGone = gatewayNeighbour === 'FAILED' || gatewayNeighbour === 'INCOMPLETE';
  if (gateway !== null && isGatewayGone && (gatewayPing === null || gatewayPing.received === 0))
    return whole(
      `its gateway ${gateway.address} does not answer on ${gateway.device}`,
      `neighbour ${gateway.address} is ${gatewayNeighbour}, ${gatewayPing?.received ?? 0} of ${gatewayPing?.sent ?? 0} pings answered`,
    );
  if (gateway !== null && routeTo.device !== null && routeTo.device !== gateway.device && routeTo.device !== 'lo')
    return {
      why: `its packets go out by ${routeTo.device} instead of ${gateway.device}`,
      saw: `ip route get ${routeTo.to}: ${routeTo.text}`,
      stops: 'one',
    };
  return null;
}

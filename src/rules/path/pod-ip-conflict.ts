import { endpoint, sawConnect, works } from '../../derive/connects.ts';
import { addressesOf, isFinished, isTerminating, podRef, podsBehind } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import type { PodSnapshot } from '../../evidence/snapshots.ts';
import { defineRule, type Fault, faults, type Proof } from '../rule.ts';

export default defineRule({
  id: 'pod-ip-conflict',
  rung: 'P',
  title: 'Two have the same Pod address',
  needs: ['backendConnects', 'podNetwork'],
  uses: ['endpoints', 'destinationPod', 'neighbours', 'sourcePod'],
  lookAlikes: ['endpointslice-stale', 'targetport-wrong', 'app-loopback-only'],
  explains: ['app-loopback-only', 'targetport-wrong', 'app-hung', 'netpol-propagation-lag', 'endpointslice-stale'],
  judge({ backendConnects, podNetwork, endpoints, destinationPod, neighbours, sourcePod }, { seen }) {
    const known = unique(
      [...podsBehind(endpoints, destinationPod), ...(neighbours ?? []), found(sourcePod)].filter((pod) => pod !== null),
      // The address of a Pod that is going away may be handed out again before the object is gone.
    ).filter((pod) => pod.spec.hostNetwork !== true && !isFinished(pod) && !isTerminating(pod));
    const failing = backendConnects.filter((reading) => !works(reading) && reading.owner.kind === 'Pod');
    const all = failing.flatMap((reading): readonly Fault[] => {
      const owners = podNetwork.routeTo.to === reading.address ? podNetwork.owners : [];
      const pods = known.filter((pod) => addressesOf(pod).includes(reading.address));
      const [first, second] = pods;
      if (first === undefined || (owners.length < 2 && second === undefined)) return [];
      const proofs: readonly Proof[] = [
        {
          vantage: 'source',
          command: reading.command,
          saw: `${reading.owner.name} ${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
        },
        ...(owners.length < 2
          ? []
          : [seen('podNetwork', `${owners.length} devices answer for ${reading.address}: ${owners.join(', ')}`)]),
        ...(second === undefined
          ? []
          : [first, second].map(
              (pod): Proof => ({
                vantage: 'api',
                command: `kubectl -n ${pod.metadata.namespace} get pod ${pod.metadata.name} -o wide`,
                saw: `${pod.metadata.name} runs with ${reading.address}`,
              }),
            )),
      ];
      const { namespace = '', name } = first.metadata;
      return [
        {
          subject: podRef(first),
          summary:
            second === undefined
              ? `${reading.address} belongs to ${name} and to another device on ${first.spec.nodeName ?? 'its node'}: ${owners.length} answer for it, and packets reach whichever answered first.`
              : `${reading.address} belongs to both ${name} and ${second.metadata.name}: packets reach whichever answered first.`,
          confidence: 'proven',
          blocks: 'path',
          addresses: [reading.address],
          evidence: proofs,
          ruledOut: [{ id: 'endpointslice-stale', because: `${name} exists and has this address` }],
          fix: [
            {
              say: 'Delete every Pod that has the address: they get new ones',
              run: `kubectl -n ${namespace} delete pod ${name}`,
            },
            {
              say: `Then repair what hands out the addresses on ${first.spec.nodeName ?? 'the node'} (host-local keeps them in /var/lib/cni/networks), and look for a device that was left behind`,
              run: `kubectl get pods -A -o wide --field-selector status.podIP=${reading.address}`,
            },
          ],
        },
      ];
    });
    return faults(all, 'nobody else answers for the address of a backend');
  },
});

function unique(pods: readonly PodSnapshot[]): readonly PodSnapshot[] {
  return [...new Map(pods.map((pod) => [pod.metadata.uid ?? pod.metadata.name, pod])).values()];
}

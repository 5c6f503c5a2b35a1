import { isReady, stoppedBecause } from '../../derive/pods.ts';
import { viewService } from '../../derive/service-view.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';

/** kubelet's words for a Pod that got no network; a sandbox may also fail for its image or runtime. */
const NO_NETWORK = /network for sandbox|network for pod|cni|plugin type=|NetworkPluginNotReady|network is not ready/i;

export default defineRule({
  id: 'cni-sandbox-fails',
  rung: 'P',
  title: 'New Pods get no network',
  needs: ['service', 'endpoints', 'events'],
  uses: ['nodes', 'daemonSets'],
  lookAlikes: ['backend-not-running', 'vxlan-vtep-stale'],
  explains: ['backend-not-running', 'readiness-failing'],
  judge({ service, endpoints, events, nodes }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    const waiting = view.pods.filter((pod) => !isReady(pod) && stoppedBecause(pod) !== null);
    const stuck = waiting.flatMap((pod) => {
      const event = events.findLast(
        ({ reason, message, involvedObject }) =>
          involvedObject.name === pod.metadata.name &&
          (reason === 'FailedCreatePodSandBox' || reason === 'NetworkNotReady') &&
          NO_NETWORK.test(message ?? ''),
      );
      return event === undefined ? [] : [{ pod, message: brief(event.message ?? ''), reason: event.reason ?? '' }];
    });
    if (stuck.length === 0) return clear('no Pod of this Service waits for a network');
    const names = [...new Set(stuck.map(({ pod }) => pod.spec.nodeName ?? ''))];
    return faults(
      names.map((name): Fault => {
        const mine = stuck.filter(({ pod }) => (pod.spec.nodeName ?? '') === name);
        const [first] = mine as [(typeof mine)[number]];
        const node = nodes?.find(({ metadata }) => metadata.name === name);
        const notReady = node?.status.conditions?.find(({ type, status }) => type === 'Ready' && status !== 'True');
        const { namespace = '' } = first.pod.metadata;
        return {
          subject: name === '' ? { kind: 'Pod', namespace, name: first.pod.metadata.name } : { kind: 'Node', name },
          summary: `New Pods on ${name === '' ? 'their node' : name} get no network (${first.message}): ${mine.length === 1 ? `${first.pod.metadata.name} does` : `${mine.length} Pods do`} not start.`,
          confidence: 'proven',
          blocks: view.used.length === 0 ? 'service' : null,
          evidence: [
            seen('events', `${first.reason}: ${first.message}`),
            ...mine.slice(0, 3).map(({ pod }) => ({
              vantage: 'api' as const,
              command: `kubectl -n ${namespace} get pod ${pod.metadata.name}`,
              saw: stoppedBecause(pod)?.reason ?? 'not Ready',
            })),
            ...(notReady?.message === undefined || notReady.message === null
              ? []
              : [seen('nodes', `${name}: Ready=${notReady.status}, ${notReady.message}`)]),
            seen('endpoints', `${view.used.length} of ${view.backends.length} endpoints usable`),
          ],
          ruledOut: [
            { id: 'backend-not-running', because: 'its container is not even created: the network comes first' },
          ],
          fix: fixFor(first.message, name),
        };
      }),
      '',
    );
  },
});

/** The last cause of a chain: `plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available …`. */
function brief(message: string): string {
  const [, rest] = message.match(/failed to (?:setup|set up) network for (?:sandbox|pod)[^:]*: ?(.*)$/s) ?? [];
  const text = (rest ?? message).split('\n')[0] ?? '';
  return text.length <= 160 ? text : `${text.slice(0, 159)}…`;
}

function fixFor(message: string, node: string): Fault['fix'] {
  const agent = {
    say: `See whether the network plugin runs on ${node}`,
    run: `kubectl get pods -A -o wide --field-selector spec.nodeName=${node}`,
  };
  if (/no IP addresses available|range .* is full|no more IPs|failed to allocate/i.test(message))
    return [
      {
        say: `The addresses of ${node} are used up: release those that no Pod has any more (host-local keeps one file for each in /var/lib/cni/networks), or give the node a larger range`,
        run: `kubectl get node ${node} -o jsonpath='{.spec.podCIDR}'`,
      },
      agent,
    ];
  if (/already has an IP address different from/i.test(message))
    return [{ say: `Delete the stale bridge on ${node}; the plugin makes it again: ip link delete cni0` }, agent];
  return [
    agent,
    {
      say: `Restore its configuration in /etc/cni/net.d of ${node} (the agent of the plugin writes it when it starts)`,
    },
  ];
}

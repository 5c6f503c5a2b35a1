import { endpoint, works } from '../../derive/connects.ts';
import { proxyReplacement } from '../../derive/data-plane.ts';
import { ageText } from '../../derive/nodes.ts';
import { isReady } from '../../derive/pods.ts';
import { type RuleView, viewRules } from '../../derive/service-rules.ts';
import type { ConnectReading } from '../../evidence/readings.ts';
import { clear, defineRule, type Fault, faults, notApplicable, type Proof } from '../rule.ts';
import { someNames } from '../support/backends.ts';
import { asProof, flowProof, rulesCommand } from '../support/nodes.ts';

/** By this label a Service asks another program to serve it, and kube-proxy leaves it alone. */
const OTHER_PROXY = 'service.kubernetes.io/service-proxy-name';

export default defineRule({
  id: 'kube-proxy-stale',
  rung: 'P',
  title: "kube-proxy's rules on the source node are old",
  needs: ['sourcePod', 'service', 'endpoints', 'nodeStates', 'kubeProxyPods'],
  uses: ['nodes', 'serviceConnects', 'backendConnects', 'daemonSets', 'nodeStatesAfter'],
  lookAlikes: ['kube-proxy-down', 'kube-proxy-mode-conflict', 'endpointslice-stale', 'udp-conntrack-stale'],
  explains: [],
  judge(facts, { flow, reach }) {
    const { kubeProxyPods, serviceConnects, backendConnects, daemonSets, nodeStatesAfter } = facts;
    const view = viewRules(facts, flow);
    if (view === null) return notApplicable('there is no Service address whose rules were looked at');
    const { node, state } = view;
    const other = proxyReplacement(daemonSets, state);
    if (other !== null) return notApplicable(`${other} may serve Services here, without such rules`);
    const proxy = kubeProxyPods.find(isReady);
    if (proxy === undefined) return notApplicable(`no kube-proxy is Ready on ${node}`);
    if (state.serviceRules?.all === 0) return notApplicable(`${node} has no rules for any Service`);
    const wrong = wrongIn(view);
    if (wrong === null) return clear(`the rules of ${node} and the EndpointSlices agree`);
    // Rules are late for a moment after every change: what was right a second later was only that.
    const later = nodeStatesAfter === null ? null : viewRules({ ...facts, nodeStates: nodeStatesAfter }, flow);
    if (later !== null && wrongIn(later) === null) return clear(`the rules of ${node} have caught up meanwhile`);
    const failed = (serviceConnects ?? []).filter((reading) => !works(reading));
    const direct = (backendConnects ?? []).find(works);
    const name = view.service.metadata.name;
    const label = view.service.metadata.labels?.[OTHER_PROXY];
    const isForOther = label !== undefined && label !== '' && view.sets.length === 0;
    const ago = state.proxy?.syncedAgoMs;
    const synced = ago === undefined || ago === null ? '' : ` It last wrote rules ${ageText(ago)} ago.`;
    const proofs: readonly (Proof | null)[] = [
      {
        vantage: 'node',
        command: rulesCommand(view),
        saw: `${node}: rules for ${endpoint(view.address, view.port)} lead to ${wrong.to.join(', ') || 'nothing'}`,
      },
      { vantage: 'api', command: slicesCommand(view), saw: `EndpointSlices of ${name}: ${view.expected.join(', ')}` },
      flowProof(state, view.flows, wrong.strangers),
      asProof(failed[0]),
      asProof(direct),
    ];
    const common = {
      confidence: failed.length > 0 && direct !== undefined ? 'proven' : 'likely',
      blocks: reach.name === 'fails' && state.serviceRules?.here === 0 ? 'name' : 'service',
      evidence: proofs.filter((proof) => proof !== null),
      ruledOut: [
        { id: 'kube-proxy-down', because: `${proxy.metadata.name} is Ready on ${node}` },
        ...(agrees(view.expected, backendConnects)
          ? [{ id: 'endpointslice-stale', because: 'what the slices name answers' }]
          : []),
      ],
    } as const satisfies Partial<Fault>;
    if (isForOther)
      return faults(
        [
          {
            ...common,
            subject: { kind: 'Service', namespace: view.service.metadata.namespace ?? '', name },
            summary: `${name} has the label ${OTHER_PROXY}=${label}: kube-proxy leaves it alone, and ${node} has no rule for its address.`,
            fix: [
              {
                say: 'Let kube-proxy serve it',
                run: `kubectl -n ${view.service.metadata.namespace} label service ${name} ${OTHER_PROXY}-`,
              },
              { say: `Or see that ${label} runs and serves it` },
            ],
          },
        ],
        '',
      );
    return faults(
      [
        {
          ...common,
          subject: { kind: 'Node', name: node },
          summary: `${sentence(node, name, view, wrong)} kube-proxy runs there and has not followed.${synced}`,
          fix: [
            {
              say: 'Restart kube-proxy there; it reads everything anew and writes all rules',
              run: `kubectl -n ${proxy.metadata.namespace ?? 'kube-system'} delete pod ${proxy.metadata.name}`,
            },
            {
              say: 'Read before that why it does not follow: the API server out of reach, or iptables-restore failing',
              run: `kubectl -n ${proxy.metadata.namespace ?? 'kube-system'} logs ${proxy.metadata.name} --tail=50`,
            },
          ],
        },
      ],
      '',
    );
  },
});

interface Wrong {
  readonly to: readonly string[];
  readonly strangers: readonly string[];
}

/** What is wrong with kube-proxy's own rules; null when they say what the slices say. Rules of others are another cause. */
function wrongIn({ expected, sets, state }: RuleView): Wrong | null {
  if (expected.length === 0) return null;
  const [own] = [...sets].sort((a, b) => Number(b.isActive) - Number(a.isActive));
  // Rules that are there and could not be read say nothing.
  if (own === undefined) return state.serviceRules?.here === 0 ? { to: [], strangers: [] } : null;
  if (!own.isActive && sets.length > 1) return null;
  return own.strangers.length === 0 && own.missing.length === 0 ? null : { to: own.to, strangers: own.strangers };
}

function sentence(node: string, name: string, { expected }: RuleView, { to, strangers }: Wrong): string {
  const has = `the EndpointSlices have ${someNames(expected)}`;
  if (to.length === 0) return `${node} has no rule that leads from ${name} to a Pod, while ${has}:`;
  if (strangers.length === 0) return `${node} sends ${name} only to ${someNames(to)}, while ${has}:`;
  return `${node} still sends ${name} to ${someNames(strangers)}, while ${has}:`;
}

function agrees(expected: readonly string[], connects: readonly ConnectReading[] | null): boolean {
  return (
    expected.length > 0 &&
    expected.every((to) =>
      connects?.some((reading) => endpoint(reading.address, reading.port) === to && works(reading)),
    )
  );
}

function slicesCommand({ service }: RuleView): string {
  const { namespace, name } = service.metadata;
  return `kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${name}`;
}

import { DENIAL_NEEDS, DENIAL_USES } from '../../derive/denials.ts';
import { findEnforcer } from '../../derive/enforcer.ts';
import { ageText } from '../../derive/nodes.ts';
import { findPassages, type Passage } from '../../derive/passages.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, type Fault, faults, notApplicable, type Proof } from '../rule.ts';
import { showReading } from '../support/denied.ts';

/** Time in which a policy engine hears of a new Pod or policy; see the scalability goals of the projects. */
const YOUNG_MS = 10_000;

export default defineRule({
  id: 'netpol-propagation-lag',
  rung: 'N',
  title: 'A policy admits the flow, and the policy engine of a node has not heard of it',
  needs: DENIAL_NEEDS,
  uses: DENIAL_USES,
  lookAlikes: [
    'netpol-default-deny-ingress',
    'netpol-default-deny-egress',
    'netpol-cluster-policy-deny',
    'netpol-vendor-crd-deny',
    'underlay-blocked',
  ],
  explains: [],
  judge(facts, context) {
    const source = found(facts.sourcePod);
    if (source === null) return notApplicable('the source Pod does not exist');
    const enforcer = facts.daemonSets === null ? undefined : findEnforcer(facts.daemonSets);
    if (enforcer === null) return clear('no known policy engine is installed');
    const passages = findPassages(facts, context.flow);
    const lost = passages.filter(({ result }) => result === 'dropped' || result === 'rejected');
    const groups = Map.groupBy(
      // The list of who may come in is kept on the backend's node, that of who may go out on the source's.
      lost.filter(
        ({ direction, control }) =>
          control !== null || (direction === 'egress' && lost.some((other) => other.control !== null)),
      ),
      ({ policy }) => policy,
    );
    const all = [...groups].map(([policy, mine]): Fault => {
      const [first] = mine as [Passage, ...Passage[]];
      const elsewhere = passages.find((other) => other.policy === policy && other.result === 'passes');
      const nodes = [
        ...new Set(
          mine.map(({ pod, direction }) => (direction === 'ingress' ? pod.spec.nodeName : source.spec.nodeName) ?? '?'),
        ),
      ].join(', ');
      const young = [policy, ...mine.map(({ pod }) => pod), source]
        .map(({ metadata }) => context.now - Date.parse(metadata.creationTimestamp ?? ''))
        .find((age) => age >= 0 && age < YOUNG_MS);
      const names = mine.map(({ pod }) => pod.metadata.name).join(', ');
      const control = mine.find((passage) => passage.control !== null)?.control ?? null;
      const proof: readonly Proof[] = [
        {
          vantage: 'api',
          command: `kubectl -n ${policy.metadata.namespace} get networkpolicy ${policy.metadata.name} -o yaml`,
          saw: `rule ${first.rule + 1} (${first.direction}) admits ${source.metadata.name} to ${names}, and nothing else denies it`,
        },
        ...mine.slice(0, 3).map(({ reading }) => showReading(reading)),
        ...(control === null
          ? []
          : [{ ...showReading(control), saw: `${showReading(control).saw} (control on the same node)` }]),
        ...(elsewhere === undefined
          ? []
          : [
              {
                ...showReading(elsewhere.reading),
                saw: `${showReading(elsewhere.reading).saw} (the same rule, on ${elsewhere.pod.spec.nodeName})`,
              },
            ]),
      ];
      return {
        subject: {
          kind: 'NetworkPolicy',
          namespace: policy.metadata.namespace ?? '',
          name: policy.metadata.name,
        },
        summary: `NetworkPolicy ${policy.metadata.name} admits ${source.metadata.name} to ${names}, but packets are ${first.result === 'rejected' ? 'rejected' : 'dropped'}: the policy engine on ${nodes} ${young === undefined ? 'has not heard of it' : `may not have heard of it yet (${ageText(young)} old)`}.`,
        confidence: elsewhere !== undefined || first.result === 'rejected' ? 'likely' : 'possible',
        blocks: 'path',
        addresses: mine.map(({ address }) => address),
        evidence: proof,
        notRuledOut: [{ id: 'host-firewall-input', needs: 'access node' }],
        fix: [
          ...(young === undefined
            ? []
            : [{ say: 'Wait some seconds and ask again; an application should try again when it has just started' }]),
          {
            say: `Look at the policy engine on ${nodes}, and start it again there`,
            run:
              enforcer === undefined
                ? `kubectl get pods -A -o wide --field-selector spec.nodeName=${nodes.split(', ')[0]}`
                : `kubectl -n ${enforcer.namespace} rollout restart daemonset ${enforcer.name}`,
          },
        ],
      };
    });
    return faults(all, 'no backend that a rule admits the source to is out of reach');
  },
});

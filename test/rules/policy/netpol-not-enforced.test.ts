import rule from '../../../src/rules/policy/netpol-not-enforced.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { API_PODS, apiOnly, connect, daemonSet, NOT_FOUND, policy, SILENT, world } from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const denyAll = policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] });
const noDns = policy('no-dns', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{ to: [{ podSelector: {} }] }],
});
const nobody = { daemonSets: [daemonSet('kube-proxy'), daemonSet('kube-flannel-ds')] };
const stopped = {
  daemonSets: [{ ...daemonSet('calico-node'), status: { desiredNumberScheduled: 3, numberReady: 0 } }],
};

ruleCases(rule, {
  fires: [
    {
      when: 'no policy engine, and the flow passes',
      world: world({ ...nobody, policies: [denyAll] }),
      says: 'NetworkPolicy deny-all says that this flow is denied (ingress of 3 backends), but no policy engine was found in this cluster: it has no effect, and the flow passes.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'proven',
      blocks: null,
      addresses,
      saw: ['no known policy engine is installed'],
    },
    {
      when: 'the engine has no Pod that is ready',
      world: world({ ...stopped, policies: [denyAll] }),
      says: 'NetworkPolicy deny-all says that this flow is denied (ingress of 3 backends), but Calico (DaemonSet calico-node) has no Pod that is ready: it has no effect, and the flow passes.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'proven',
      blocks: null,
      addresses,
    },
    {
      when: 'no probe ran',
      world: apiOnly({ ...nobody, policies: [denyAll] }),
      says: 'NetworkPolicy deny-all says that this flow is denied (ingress of 3 backends), but no policy engine was found in this cluster: it has no effect.',
      subject: 'NetworkPolicy shop/deny-all',
      confidence: 'likely',
      blocks: null,
      addresses,
    },
    {
      when: 'the policy denies DNS alone',
      world: world({ ...nobody, policies: [noDns] }),
      says: 'NetworkPolicy no-dns says that this flow is denied (egress of web), but no policy engine was found in this cluster: it has no effect, and the flow passes.',
      subject: 'NetworkPolicy shop/no-dns',
      confidence: 'proven',
      blocks: null,
    },
  ],
  silent: [
    { when: 'there is no policy, and no engine', world: world(nobody), outcome: 'clear' },
    { when: 'an engine runs', world: world({ policies: [denyAll] }), outcome: 'clear' },
    {
      when: 'packets get lost although no engine is known: one without a DaemonSet may be at work',
      world: world({ ...nobody, policies: [denyAll], backendConnects: API_PODS.map((api) => connect(api, SILENT)) }),
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
  ],
});

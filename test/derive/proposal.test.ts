import { describe, expect, it } from 'vitest';
import { DENIAL_NEEDS, DENIAL_USES, type DenialFacts } from '../../src/derive/denials.ts';
import { readPolicyFile } from '../../src/derive/policy-files.ts';
import { judgeProposal } from '../../src/derive/proposal.ts';
import { factOf } from '../../src/evidence/evidence.ts';
import {
  type Changes,
  daemonSet,
  endpointsOf,
  NOT_FOUND,
  namespace,
  policy,
  WEB_TO_API,
  world,
} from '../support/world.ts';

const factsOf = (changes: Changes): DenialFacts => {
  const evidence = world(changes);
  const kinds = [...DENIAL_NEEDS, ...DENIAL_USES];
  return Object.fromEntries(kinds.map((kind) => [kind, factOf(evidence, kind)])) as unknown as DenialFacts;
};
const judge = (text: string, changes: Changes = {}, spaces: Parameters<typeof judgeProposal>[3] = []) =>
  judgeProposal(factsOf(changes), WEB_TO_API, readPolicyFile(text, 'new.yaml', 'shop'), spaces);
const denyAll = policy('deny', { podSelector: {}, policyTypes: ['Ingress'] });
const admitWeb = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api-clients}
spec: {podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}
`;
const openDeny = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}]}
`;
const webOut = (labels: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web-out}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
  - to: [{podSelector: {matchLabels: {app: api}}}]
  - to: [{namespaceSelector: {matchLabels: {${labels}}}}]
    ports: [{protocol: UDP, port: 53}]
`;

describe('a proposed policy', () => {
  it('opens what is denied today, and says by which rule', () => {
    expect(judge(admitWeb, { policies: [denyAll] })).toMatchObject({
      policies: [{ policy: 'NetworkPolicy shop/api-clients', change: 'add' }],
      problems: [],
      before: 'deny',
      after: 'allow',
      ends: [
        { traffic: 'dns', pod: { name: 'coredns-a' }, before: 'allow', after: 'allow' },
        { traffic: 'dns', pod: { name: 'coredns-b' } },
        {
          traffic: 'application',
          pod: { namespace: 'shop', name: 'api-a' },
          port: 8080,
          protocol: 'TCP',
          before: 'deny',
          after: 'allow',
          egress: 'no policy denies it',
          ingress: 'NetworkPolicy shop/api-clients, ingress rule 1: app=web',
        },
        { pod: { name: 'api-b' } },
        { pod: { name: 'api-c' } },
      ],
    });
  });

  it('takes the place of the one of its name', () => {
    expect(judge(openDeny, { policies: [denyAll] })).toMatchObject({
      policies: [{ policy: 'NetworkPolicy shop/deny', change: 'replace' }],
      before: 'deny',
      after: 'allow',
    });
  });

  it('that forgets DNS closes the flow at the lookup', () => {
    const verdict = judge(webOut('nobody: here'), { namespaces: [namespace('shop'), namespace('kube-system')] });
    expect(verdict).toMatchObject({ before: 'allow', after: 'deny' });
    const ends = typeof verdict === 'string' ? [] : verdict.ends;
    expect(ends.filter(({ after }) => after === 'deny').map(({ traffic }) => traffic)).toEqual(['dns', 'dns']);
    expect(ends[0]?.egress).toBe('NetworkPolicy shop/web-out: no rule admits the flow');
  });

  it('is judged by labels of namespaces that no policy of today asks about, as far as they are known', () => {
    const file = webOut('kubernetes.io/metadata.name: kube-system');
    const changes = { namespaces: [namespace('shop')] };
    expect(judge(file, changes)).toMatchObject({ after: 'undecided' });
    expect(judge(file, changes, [namespace('kube-system')])).toMatchObject({ after: 'allow' });
  });

  it('of an administrator goes before NetworkPolicies', () => {
    const deny = `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: no-shop}
spec:
  priority: 5
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
`;
    expect(judge(deny, { daemonSets: [daemonSet('antrea-agent')] })).toMatchObject({
      policies: [{ policy: 'AdminNetworkPolicy no-shop', change: 'add' }],
      before: 'allow',
      after: 'deny',
    });
  });

  it('that its API would refuse is told, and leaves open what it does', () => {
    const bad = admitWeb.replace('matchLabels: {app: web}', 'matchLabels: 7');
    expect(judge(bad)).toMatchObject({
      problems: [expect.stringContaining('NetworkPolicy shop/api-clients is not valid: ')],
      before: 'allow',
      after: 'undecided',
    });
  });

  it.each([
    ['there is no source Pod to judge', { sourcePod: NOT_FOUND }],
    ['no Pod of the destination is known', { endpoints: endpointsOf([]) }],
  ])('is not judged: %s', (sentence, changes) => expect(judge(admitWeb, changes)).toBe(sentence));
});

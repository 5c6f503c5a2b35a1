import { describe, expect, it } from 'vitest';
import { API_COLLECTORS } from '../../src/collect/api.ts';
import type { ApiAnswer, Rehearsal } from '../../src/collect/ports.ts';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import { RULES } from '../../src/rules/index.ts';
import { API_PODS, type Changes, connect, NOW, policy, rejected, SILENT, WEB_TO_API, world } from '../support/world.ts';
import { readingOf } from './fake-kube.ts';

const { wanted, collect } = API_COLLECTORS.fixTrials;
const clients = policy('api-clients', {
  podSelector: { matchLabels: { app: 'api' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'webb' } } }] }],
});
const lost = API_PODS.map((api) => connect(api, SILENT));
const denied: Changes = { policies: [clients], backendConnects: lost };
const PATH = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';

async function run(changes: Changes, answer: ApiAnswer | null) {
  const asked: Rehearsal[] = [];
  const api = {
    get: () => Promise.reject(new Error('nothing is read')),
    rehearse: (change: Rehearsal) => {
      asked.push(change);
      return Promise.resolve(answer);
    },
  };
  const trials = await collect(readingOf(api), world(changes), WEB_TO_API);
  return { asked, value: trials.status === 'collected' ? trials.value : null };
}

describe('fixes are tried', () => {
  it.each<[string, Changes, boolean]>([
    ['when packets are dropped', denied, true],
    [
      'when they are rejected',
      { ...denied, backendConnects: [connect(API_PODS[0] as never, rejected('10.244.1.0'))] },
      true,
    ],
    ['not when they pass', { policies: [clients] }, false],
    ['not when nothing was measured', { policies: [clients], backendConnects: [] }, false],
    ['not without a policy', { backendConnects: lost }, false],
  ])('%s', (_when, changes, expected) => expect(wanted(world(changes), WEB_TO_API)).toBe(expected));

  it('with the patch that is printed', async () => {
    const { asked, value } = await run(denied, { kind: 'object', body: {} });
    expect(asked).toEqual([
      {
        verb: 'patch',
        group: 'networking.k8s.io',
        resource: 'networkpolicies',
        namespace: 'shop',
        path: `${PATH}/api-clients`,
        body: [{ op: 'replace', path: '/spec/ingress/0/from/0/podSelector/matchLabels/app', value: 'web' }],
      },
    ]);
    expect(value).toEqual([{ namespace: 'shop', name: 'api-clients', refusal: null }]);
  });

  it('as a new policy beside a default deny', async () => {
    const deny = policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] });
    const { asked } = await run({ policies: [deny], backendConnects: lost }, { kind: 'object', body: {} });
    expect(asked).toMatchObject([
      {
        verb: 'create',
        path: PATH,
        body: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'allow-web-to-api' } },
      },
    ]);
  });

  it.each<[string, ApiAnswer | null]>([
    ['who may not change policies', null],
    ['a policy that is gone by now', { kind: 'not-found' }],
    ['an API server that does not answer', { kind: 'no-answer', message: 'connect ECONNREFUSED' }],
  ])('and nothing is said of %s', async (_what, answer) => expect((await run(denied, answer)).value).toEqual([]));
});

describe('what is said of a fix', () => {
  const steps = (refusal: string | null) => {
    const trials = [{ namespace: 'shop', name: 'api-clients', refusal }];
    const options = { flow: WEB_TO_API, access: 'source', now: NOW, settled: true } as const;
    const { findings } = diagnose(world({ ...denied, fixTrials: trials }), RULES, options);
    return findings[0]?.fix.map(({ say }) => say);
  };

  it('is that it would be taken', () =>
    expect(steps(null)).toContain('Tried with a dry run: the API server would take it'));

  it('is why not, in the words of whoever refuses', () =>
    expect(steps('admission webhook "guard.example.org" denied the request: ask the network team')).toContain(
      'Tried with a dry run: the API server refuses it: admission webhook "guard.example.org" denied the request: ask the network team',
    ));
});

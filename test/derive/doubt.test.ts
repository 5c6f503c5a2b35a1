import { describe, expect, it } from 'vitest';
import { doubtAbout } from '../../src/derive/doubt.ts';
import {
  API_PODS,
  apiOnly,
  apiPod,
  type Changes,
  connect,
  connectService,
  daemonSet,
  endpointsOf,
  found,
  NOW,
  policy,
  rejected,
  SILENT,
  secondsAgo,
  service,
  WEB_TO_API,
  world,
} from '../support/world.ts';

const doubt = (changes: Changes) => doubtAbout(world(changes), WEB_TO_API, NOW);
const empty = { endpoints: endpointsOf([]), backendConnects: [] };
const refusing = [connectService(rejected('10.244.2.1'))];
const readySince = (time: string) =>
  apiPod('c', { status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }] } });

describe('objects and measurements contradict each other', () => {
  it('when the Service address answers without an endpoint', () =>
    expect(doubt(empty)).toBe('works-without-endpoints'));

  it('when all backends answer, the Service does not, and a backend has just become Ready', () => {
    const young = [...API_PODS.slice(0, 2), readySince(secondsAgo(4))];
    expect(doubt({ endpoints: endpointsOf(young), serviceConnects: refusing })).toBe('fails-with-endpoints');
  });

  const beingMade = (seconds: number, reason: string, restarts = 0) => {
    const state = { waiting: { reason } };
    const status = { containerStatuses: [{ name: 'app', ready: false, restartCount: restarts, state }] };
    const { metadata, ...rest } = apiPod('a', { ready: false, ip: null, status });
    const young = { ...rest, metadata: { ...metadata, creationTimestamp: secondsAgo(seconds) } };
    return doubt({ endpoints: endpointsOf([young]), serviceConnects: refusing, backendConnects: [] });
  };
  it('when there is no endpoint, and a Pod is only about to start', () => {
    expect(beingMade(3, 'ContainerCreating')).toBe('backends-start');
    expect(beingMade(3, 'PodInitializing')).toBe('backends-start');
  });
  it('not when that takes longer, has failed before, or waits for something else', () => {
    expect(beingMade(60, 'ContainerCreating')).toBeNull();
    expect(beingMade(3, 'ContainerCreating', 1)).toBeNull();
    expect(beingMade(3, 'ImagePullBackOff')).toBeNull();
  });

  it('when the Service itself is new', () => {
    const { metadata, ...rest } = service();
    const young = { ...rest, metadata: { ...metadata, creationTimestamp: secondsAgo(3) } };
    expect(doubt({ service: found(young), serviceConnects: refusing })).toBe('fails-with-endpoints');
  });
});

describe('policies and measurements contradict each other', () => {
  const since = (seconds: number, labels: Readonly<Record<string, string>>) => {
    const made = policy('api-clients', {
      podSelector: { matchLabels: { app: 'api' } },
      ingress: [{ from: [{ podSelector: { matchLabels: labels } }] }],
    });
    return { ...made, metadata: { ...made.metadata, creationTimestamp: secondsAgo(seconds) } };
  };
  const lost = API_PODS.map((api) => connect(api, SILENT));

  it('when a new policy denies and packets pass', () =>
    expect(doubt({ policies: [since(3, { app: 'cart' })] })).toBe('denied-but-passes'));
  it('when a new policy allows and packets are lost', () =>
    expect(doubt({ policies: [since(3, { app: 'web' })], backendConnects: lost })).toBe('allowed-but-lost'));
  it('also when it was made while the run went on', () =>
    expect(doubt({ policies: [since(-2, { app: 'cart' })] })).toBe('denied-but-passes'));

  it.each<[string, Changes]>([
    ['a new policy denies and packets are lost', { policies: [since(3, { app: 'cart' })], backendConnects: lost }],
    ['a new policy allows and packets pass', { policies: [since(3, { app: 'web' })] }],
    ['the policy is old', { policies: [since(300, { app: 'cart' })] }],
    ['nothing enforces policies', { policies: [since(3, { app: 'cart' })], daemonSets: [daemonSet('kube-proxy')] }],
    ['nothing was measured', { policies: [since(3, { app: 'cart' })], backendConnects: [] }],
  ])('not when %s', (_when, changes) => expect(doubt(changes)).toBeNull());
});

describe('they do not', () => {
  it('when all works', () => expect(doubt({})).toBeNull());
  it('when nothing was measured', () => expect(doubtAbout(apiOnly(empty), WEB_TO_API, NOW)).toBeNull());
  it('when there is no endpoint and the Service refuses', () =>
    expect(doubt({ ...empty, serviceConnects: refusing })).toBeNull());
  it('when nothing is young: looking again would show the same', () =>
    expect(doubt({ endpoints: endpointsOf([readySince(secondsAgo(300))]), serviceConnects: refusing })).toBeNull());
  it('when a backend fails as well, which is reason enough', () =>
    expect(
      doubt({
        endpoints: endpointsOf([readySince(secondsAgo(4))]),
        backendConnects: [connect(apiPod('c'), SILENT)],
        serviceConnects: refusing,
      }),
    ).toBeNull());
  it('when the node has no backend of its own to send to', () =>
    expect(
      doubt({
        service: found(service({ spec: { internalTrafficPolicy: 'Local' } })),
        endpoints: endpointsOf([readySince(secondsAgo(4))]),
        serviceConnects: refusing,
      }),
    ).toBeNull());
});

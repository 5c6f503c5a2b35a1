import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AttachLimits,
  type AttachOptions,
  attach,
  containerSpec,
  DEFAULT_IMAGE,
  rehearse,
} from '../../src/adapters/debug-container.ts';
import type { KubeRest } from '../../src/adapters/kube-rest.ts';
import type { ContainerState } from '../../src/collect/ports.ts';
import type { ContainerStatus, PodSnapshot } from '../../src/evidence/snapshots.ts';
import { pod } from '../support/world.ts';
import { type Asked, FakeApi, json, restFor, status } from './fake-api.ts';

type State = NonNullable<ContainerStatus['state']>;

const web = pod({ name: 'web' });
const POD = '/api/v1/namespaces/shop/pods/web';
const LIMITS: AttachLimits = { stuckAfterMs: 10_000, startMs: 10_000, watchMs: 40 };
const OPTIONS = {
  namespace: 'shop',
  pod: 'web',
  image: DEFAULT_IMAGE,
  imagePullPolicy: 'IfNotPresent',
  profile: 'auto',
} as const;
const POD_SECURITY =
  'pods "web" is forbidden: violates PodSecurity "restricted:latest": unrestricted capabilities (container "netdebug" must set securityContext.capabilities.drop=["ALL"])';

let api: FakeApi;
let rest: KubeRest;
afterEach(async () => {
  await rest.close();
  await api.stop();
});

/** The Pod with debug containers: name, state, and what the spec says of them. */
function withContainer(name: string, state: State | null, spec: Record<string, unknown> = {}, base = web): PodSnapshot {
  const container = { name, image: DEFAULT_IMAGE, ...containerSpec(name, 'netadmin', OPTIONS, base), ...spec };
  return {
    ...base,
    spec: { ...base.spec, ephemeralContainers: [container as never] },
    status: {
      ...base.status,
      ...(state === null ? {} : { ephemeralContainerStatuses: [{ name, state }] }),
    },
  };
}

interface Script {
  /** Pods that a watch tells, one after the other; undefined: watching is refused. */
  readonly watch?: readonly PodSnapshot[] | 'refused';
  readonly onWatch?: () => void;
  readonly get?: (times: number) => PodSnapshot | null;
  readonly patch?: (asked: Asked, response: ServerResponse) => void;
}

async function run(script: Script, options: Partial<AttachOptions> = {}): Promise<readonly ContainerState[]> {
  let reads = 0;
  api = new FakeApi((asked, response) => {
    if (asked.method === 'PATCH') {
      if (script.patch !== undefined) return script.patch(asked, response);
      return json(response, 200, { ...web, metadata: { ...web.metadata, resourceVersion: '7' } });
    }
    if (asked.path.includes('watch=true')) {
      script.onWatch?.();
      if (script.watch === 'refused') return status(response, 403, 'pods is forbidden: cannot watch');
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      for (const object of script.watch ?? []) response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
      return undefined;
    }
    if (asked.path.includes('/events?')) return json(response, 200, { items: [] });
    const found = script.get === undefined ? web : script.get(++reads);
    return found === null ? status(response, 404, 'pods "web" not found') : json(response, 200, found);
  });
  rest = restFor(await api.start());
  const states: ContainerState[] = [];
  const signal = options.signal ?? new AbortController().signal;
  await attach(rest, { ...OPTIONS, limits: LIMITS, signal, ...options }, (state) => void states.push(state));
  return states;
}

const patches = (): readonly Asked[] => api.asked.filter(({ method }) => method === 'PATCH');
const patched = (index = 0): Record<string, unknown> => {
  const body = patches()[index]?.body as { spec: { ephemeralContainers: Record<string, unknown>[] } };
  return body.spec.ephemeralContainers[0] ?? {};
};
const last = (states: readonly ContainerState[]): ContainerState | undefined => states.at(-1);
const gapOf = (states: readonly ContainerState[]) => {
  const state = last(states);
  return state?.state === 'failed' ? state.gap : null;
};

describe('a debug container', () => {
  it('is added, waited for, and runs', async () => {
    const states = await run({
      watch: [
        withContainer('netdebug', { waiting: { reason: 'PodInitializing' } }),
        withContainer('netdebug', { running: {} }),
      ],
    });
    expect(states).toEqual([
      { state: 'waiting', name: 'netdebug', created: false, detail: 'asking the API server to add it' },
      { state: 'waiting', name: 'netdebug', created: true, detail: 'PodInitializing' },
      {
        state: 'running',
        name: 'netdebug',
        created: true,
        image: DEFAULT_IMAGE,
        profile: 'netadmin',
        tookMs: expect.any(Number),
      },
    ]);
    expect(patches()[0]).toMatchObject({
      path: `${POD}/ephemeralcontainers`,
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
    });
    expect(patched()).toMatchObject({
      name: 'netdebug',
      image: DEFAULT_IMAGE,
      imagePullPolicy: 'IfNotPresent',
      securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
    });
    expect(api.asked.find(({ path }) => path.includes('watch'))?.path).toBe(
      '/api/v1/namespaces/shop/pods?watch=true&fieldSelector=metadata.name=web&resourceVersion=7',
    );
  });

  it('is used again while it runs', async () => {
    const known = withContainer('netdebug', { running: {} });
    const running = {
      state: 'running',
      name: 'netdebug',
      created: false,
      image: DEFAULT_IMAGE,
      profile: 'netadmin',
      tookMs: 0,
    };
    expect(await run({}, { known })).toEqual([running]);
    expect(api.asked).toEqual([]);
  });

  it.each([
    ['has ended', withContainer('netdebug', { terminated: { exitCode: 0 } }), {}],
    ['has another image', withContainer('netdebug', { running: {} }, { image: 'busybox:1' }), {}],
    [
      'has fewer rights than asked for',
      withContainer('netdebug', { running: {} }, { securityContext: {} }),
      { profile: 'netadmin' },
    ],
  ] as const)('is added under the next free name when the old one %s', async (_why, known, options) => {
    const states = await run({ watch: [withContainer('netdebug-2', { running: {} })] }, { known, ...options });
    expect(patched().name).toBe('netdebug-2');
    expect(last(states)).toMatchObject({ state: 'running', name: 'netdebug-2', created: true });
  });

  it('that another run has just added is waited for, and no second one is added', async () => {
    const known = withContainer('netdebug', null);
    const starting = withContainer('netdebug', { waiting: { reason: 'PodInitializing' } });
    const states = await run({ watch: [starting, withContainer('netdebug', { running: {} })] }, { known });
    expect(patches()).toEqual([]);
    expect(states).toMatchObject([{ state: 'running', name: 'netdebug', created: false, profile: 'netadmin' }]);
  });

  it('that has ended, or cannot start, is not waited for', async () => {
    for (const state of [{ terminated: { exitCode: 0 } }, { waiting: { reason: 'ImagePullBackOff' } }]) {
      const known = withContainer('netdebug', state as State);
      const states = await run({ watch: [withContainer('netdebug-2', { running: {} })] }, { known });
      expect(last(states)).toMatchObject({ state: 'running', name: 'netdebug-2', created: true });
      await rest.close();
      await api.stop();
    }
  });

  it('of somebody else is left alone', async () => {
    const known = withContainer('debugger-x7k2p', { running: {} });
    await run({ watch: [withContainer('netdebug', { running: {} })] }, { known });
    expect(patched().name).toBe('netdebug');
  });

  it('gets weaker until Pod Security admits it', async () => {
    const states = await run({
      patch: (_asked, response) =>
        patches().length < 4 ? status(response, 403, POD_SECURITY) : json(response, 200, { metadata: {} }),
      watch: [withContainer('netdebug', { running: {} })],
    });
    expect(patches().map((_, index) => patched(index).securityContext)).toEqual([
      { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
      { capabilities: { add: ['NET_RAW'] } },
      {},
      {
        runAsNonRoot: true,
        runAsUser: 65532,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    ]);
    expect(last(states)).toMatchObject({ state: 'running', profile: 'restricted' });
  });

  it('is not weakened against the wish of the user', async () => {
    const refuse = { patch: (_asked: Asked, response: ServerResponse) => status(response, 403, POD_SECURITY) };
    expect(gapOf(await run(refuse, { profile: 'general' }))).toEqual({
      reason: 'forbidden',
      detail: `the namespace's Pod Security refuses the debug container: ${POD_SECURITY}`,
      unlock: 'kubectl label namespace shop pod-security.kubernetes.io/enforce-',
    });
    expect(patches()).toHaveLength(1);
  });

  it('is root in a Pod that must not be, as far as admission lets it', async () => {
    const known = pod({ name: 'web', spec: { securityContext: { runAsNonRoot: true } } });
    await run({ watch: [withContainer('netdebug', { running: {} })] }, { known });
    expect(patched().securityContext).toMatchObject({ runAsNonRoot: false, runAsUser: 0 });
  });

  const NO_RIGHT =
    'pods "web" is forbidden: User "dev" cannot patch resource "pods/ephemeralcontainers" in API group ""';
  it.each([
    [
      'without the right to',
      403,
      NO_RIGHT,
      { reason: 'forbidden', detail: NO_RIGHT, unlock: 'kubectl netdebug permissions --access source -n shop' },
    ],
    [
      'in a cluster that has none',
      404,
      'the server could not find the requested resource',
      {
        reason: 'not-permitted',
        detail: 'this cluster has no ephemeral containers (they are there from Kubernetes 1.25)',
      },
    ],
    ['to a Pod that is gone', 404, 'pods "web" not found', { reason: 'not-permitted', detail: 'pods "web" not found' }],
    [
      'to a static Pod',
      422,
      'Pod "web" is invalid: []: Forbidden: static pods do not support ephemeral containers',
      {
        reason: 'not-permitted',
        detail: expect.stringContaining('Pod web is a static Pod'),
        unlock: 'kubectl get pods -A -o wide --field-selector spec.nodeName=n2',
      },
    ],
    ['against another webhook', 400, 'admission webhook "p.example" denied the request', { reason: 'forbidden' }],
    [
      'while etcd is away',
      503,
      'etcdserver: leader changed',
      { reason: 'timed-out', detail: 'etcdserver: leader changed' },
    ],
  ])('cannot be added %s', async (_why, code, message, gap) => {
    const states = await run({ patch: (_asked, response) => status(response, code, message) });
    expect(last(states)).toMatchObject({ state: 'failed', name: null, created: false });
    expect(gapOf(states)).toMatchObject(gap);
    expect(patches()).toHaveLength(1);
  });

  const ANOTHER = { unlock: 'kubectl -n shop get pods --field-selector status.phase=Running' };
  it.each([
    [
      'has ended',
      pod({ name: 'web', status: { phase: 'Succeeded' } }),
      'Pod web has ended (Succeeded); a debug container needs a Pod that runs',
      ANOTHER,
    ],
    [
      'is on no node',
      pod({ name: 'web', node: null, status: { phase: 'Pending' } }),
      'Pod web is on no node yet (Pending)',
      ANOTHER,
    ],
    ['is being deleted', pod({ name: 'web', deleted: true }), 'Pod web is being deleted', ANOTHER],
    [
      'runs Windows',
      pod({ name: 'web', spec: { os: { name: 'windows' } } }),
      'Pod web runs Windows; the debug image is for Linux',
      {},
    ],
  ])('is not even tried in a Pod that %s', async (_what, known, detail, unlock) => {
    expect(await run({}, { known })).toEqual([
      { state: 'failed', name: null, created: false, gap: { reason: 'not-permitted', detail, ...unlock } },
    ]);
    expect(api.asked).toEqual([]);
  });

  it.each(['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'CreateContainerConfigError'])(
    'that cannot start is told at once: %s',
    async (reason) => {
      const began = performance.now();
      const message = 'Back-off pulling image "nicolaka/netshoot:v0.16"';
      const states = await run({ watch: [withContainer('netdebug', { waiting: { reason, message } })] });
      expect(performance.now() - began).toBeLessThan(1000);
      expect(last(states)).toEqual({
        state: 'failed',
        name: 'netdebug',
        created: true,
        gap: {
          reason: 'unreadable',
          detail: `the debug container cannot start (${reason}): ${message}`,
          unlock: '--image IMAGE',
        },
      });
    },
  );

  it('that ended at once says with which words', async () => {
    const terminated = { exitCode: 127, reason: 'Error', message: 'sh: stat: not found' };
    const states = await run({ watch: [withContainer('netdebug', { terminated })] });
    expect(gapOf(states)).toEqual({
      reason: 'unreadable',
      detail: 'the debug container ended at once: sh: stat: not found',
    });
  });

  it('that no kubelet begins with is given up early', async () => {
    const states = await run({}, { limits: { ...LIMITS, stuckAfterMs: 200 } });
    expect(gapOf(states)).toEqual({
      reason: 'timed-out',
      detail: 'the kubelet has not begun to start the debug container in 0.2 s; is the node well?',
    });
    expect(last(states)).toMatchObject({ name: 'netdebug', created: true });
  });

  it('whose image takes long is given more time', async () => {
    const pulling = withContainer('netdebug', { waiting: { reason: 'ContainerCreating' } });
    const began = performance.now();
    expect(
      gapOf(await run({ watch: [pulling], get: () => pulling }, { known: web, limits: { ...LIMITS, startMs: 400 } })),
    ).toEqual({
      reason: 'timed-out',
      detail: 'the debug container was not running after 0.4 s',
    });
    expect(performance.now() - began).toBeGreaterThan(390);
  });

  it('is asked for again when another write of the Pod came between', async () => {
    let tries = 0;
    const states = await run(
      {
        watch: [withContainer('netdebug', { running: {} })],
        patch: (_asked, response) =>
          ++tries < 3 ? status(response, 409, 'the object has been modified') : json(response, 200, web),
      },
      { known: web },
    );
    expect(last(states)).toMatchObject({ state: 'running', created: true });
    expect(tries).toBe(3);
  });

  it('is waited for without a right to watch, and without haste', async () => {
    const pulling = withContainer('netdebug', { waiting: { reason: 'ContainerCreating' } });
    const states = await run(
      {
        watch: 'refused',
        get: (times) => (times < 4 ? pulling : withContainer('netdebug', { running: {} })),
      },
      { known: web },
    );
    expect(last(states)).toMatchObject({ state: 'running' });
    expect(api.asked.filter(({ path }) => !path.includes('/events'))).toHaveLength(1 + 4 * 2);
  });

  it('that stays away without a right to watch is not asked for all the time', async () => {
    await run({ watch: 'refused' }, { known: web, limits: { ...LIMITS, stuckAfterMs: 200 } });
    expect(api.asked.filter(({ path }) => !path.includes('/events')).length).toBeLessThan(16);
  });

  it('is gone with its Pod', async () => {
    const states = await run({ get: () => null }, { known: web });
    expect(last(states)).toEqual({
      state: 'failed',
      name: 'netdebug',
      created: false,
      gap: { reason: 'not-permitted', detail: 'Pod web is gone' },
    });
  });

  it('is no longer waited for when the run is stopped', async () => {
    const stop = new AbortController();
    // It is watched once the API server has said yes to it.
    const states = await run({ onWatch: () => stop.abort() }, { signal: stop.signal, known: web });
    expect(api.asked[0]).toMatchObject({ method: 'PATCH' });
    expect(states).toEqual([
      { state: 'waiting', name: 'netdebug', created: false, detail: 'asking the API server to add it' },
    ]);
  });

  it.each([
    [
      'is gone',
      (_: Asked, response: ServerResponse) => status(response, 404, 'pods "web" not found'),
      'timed-out',
      'Pod web is gone',
    ],
    [
      'may not be read',
      (_: Asked, response: ServerResponse) => status(response, 403, 'pods "web" is forbidden'),
      'forbidden',
      'pods "web" is forbidden',
    ],
  ])('is not added to a Pod that %s', async (_what, answer, reason, detail) => {
    api = new FakeApi(answer);
    rest = restFor(await api.start());
    const states: ContainerState[] = [];
    await attach(rest, { ...OPTIONS, signal: new AbortController().signal }, (state) => void states.push(state));
    expect(states).toEqual([{ state: 'failed', name: null, created: false, gap: { reason, detail } }]);
  });
});

describe('a dry run of a debug container', () => {
  const rehearsal = async (patch: NonNullable<Script['patch']>, base = web, options: Partial<AttachOptions> = {}) => {
    api = new FakeApi((asked, response) => patch(asked, response));
    rest = restFor(await api.start());
    return rehearse(rest, { ...OPTIONS, signal: new AbortController().signal, ...options }, base);
  };

  it('tells the shape that is let in, and keeps nothing', async () => {
    const admitted = await rehearsal((asked, response) => {
      const [container] = (asked.body as { spec: { ephemeralContainers: { securityContext: object }[] } }).spec
        .ephemeralContainers;
      const drops = JSON.stringify(container?.securityContext).includes('drop');
      return drops ? json(response, 200, web) : status(response, 403, POD_SECURITY);
    });
    expect(admitted).toEqual({ profile: 'restricted', refusal: null });
    expect(patches().map(({ path }) => path)).toEqual(
      Array.from({ length: 4 }, () => `${POD}/ephemeralcontainers?dryRun=All`),
    );
  });

  it('tells who refuses it, in his words, and asks no more', async () => {
    const words = 'admission webhook "debugging.example.test" denied the request: needs a ticket';
    const refused = await rehearsal((_asked, response) => status(response, 400, words));
    expect(refused).toEqual({ profile: null, refusal: words });
    expect(patches()).toHaveLength(1);
  });

  it('asks for the shape that was told and no other', async () => {
    const refused = await rehearsal((_asked, response) => status(response, 403, POD_SECURITY), web, {
      profile: 'general',
    });
    expect(refused?.refusal).toContain('violates PodSecurity');
    expect(patches()).toHaveLength(1);
  });

  it.each([
    ['a webhook takes no part in dry runs', 400, 'admission webhook "x" does not support dry run'],
    ['the server has trouble of its own', 500, 'failed calling webhook "x": context deadline exceeded'],
  ])('tells nothing when %s', async (_when, code, words) =>
    expect(await rehearsal((_asked, response) => status(response, code, words))).toEqual({
      profile: null,
      refusal: null,
    }),
  );

  it('is not made where a container runs already', async () => {
    const answer = await rehearsal(
      (_asked, response) => json(response, 200, web),
      withContainer('netdebug', { running: {} }),
    );
    expect(answer).toBeNull();
    expect(patches()).toHaveLength(0);
  });
});

import { describe, expect, it } from 'vitest';
import type { ClusterConfig } from '../../src/adapters/kube-config.ts';
import type { ApiAnswer, KubeApi } from '../../src/collect/ports.ts';
import { type OnceOptions, runOnce } from '../../src/runner/once.ts';
import { DOWN, FakeKube } from '../collect/fake-kube.ts';
import { API_PORTS, pod, service } from '../support/world.ts';

const nowhere = (): Promise<never> => Promise.reject(new Error('not in this test'));

function options(api: KubeApi, changes: Partial<OnceOptions> = {}): OnceOptions {
  return {
    wanted: { source: 'web', destination: 'api', namespace: 'shop', port: null, protocol: null },
    access: 'api',
    config: { getCurrentContext: () => 'lab' } as ClusterConfig,
    rest: {
      get: (path, signal) => api.get(path, signal),
      request: nowhere,
      open: nowhere,
      serverTime: () => 0,
      close: () => Promise.resolve(),
    },
    debug: { image: 'image:1', imagePullPolicy: 'Never', profile: 'auto' },
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...changes,
  };
}

const shop = {
  '/api/v1/namespaces/shop/pods/web': pod({ name: 'web', ports: API_PORTS }),
  '/api/v1/namespaces/shop/services/api': service(),
};

/** Answers for single objects, by which names are looked up, and leaves every list open. */
class Silent extends FakeKube {
  override get(path: string): Promise<ApiAnswer> {
    return path.includes('limit=') ? new Promise(() => undefined) : super.get(path);
  }
}

describe('one run with nobody to ask', () => {
  it('ends with its verdict', async () => {
    const session = await runOnce(options(new FakeKube(shop)));
    expect(session).toMatchObject({ phase: 'verdict', access: 'api', flow: { destination: { name: 'api' } } });
  });

  it('ends with the problem that stopped it', async () => {
    const down: KubeApi = { get: () => Promise.resolve(DOWN) };
    expect(await runOnce(options(down))).toMatchObject({ phase: 'failed', problem: { kind: 'environment' } });
  });

  it('is judged with what is known when its time is up', async () => {
    const session = await runOnce(options(new Silent(shop), { timeoutMs: 20 }));
    expect(session).toMatchObject({
      phase: 'verdict',
      evidence: { policies: { status: 'missing', gap: { reason: 'timed-out' } } },
    });
  });

  it('comes back as it stands when it is interrupted', async () => {
    const interrupting = new AbortController();
    const run = runOnce(options(new Silent(shop), { signal: interrupting.signal }));
    setTimeout(() => interrupting.abort(), 10);
    expect(await run).toMatchObject({ phase: 'ended', problem: null, last: { endedMs: null } });
  });

  it('does not begin when it was interrupted before', async () => {
    const kube = new FakeKube(shop);
    expect(await runOnce(options(kube, { signal: AbortSignal.abort() }))).toMatchObject({ phase: 'ended', last: null });
    expect(kube.asked).toEqual([]);
  });
});

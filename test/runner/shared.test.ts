import { describe, expect, it } from 'vitest';
import type { AttachOptions } from '../../src/adapters/debug-container.ts';
import type { KubeClient } from '../../src/adapters/kube-rest.ts';
import type { ApiAnswer, ContainerState, KubeApi } from '../../src/collect/ports.ts';
import { type Attach, SharedContainers, SharedReads } from '../../src/runner/shared.ts';

const alive = new AbortController().signal;

/** Answers `{ n: 1 }`, `{ n: 2 }`, … */
class Counting implements KubeApi {
  readonly asked: string[] = [];
  answer: (n: number) => Promise<ApiAnswer> = (n) => Promise.resolve({ kind: 'object', body: { n } });

  get(path: string): Promise<ApiAnswer> {
    return this.answer(this.asked.push(path));
  }
}

function reads(api: KubeApi) {
  const clock = { ms: 0 };
  const shared = new SharedReads(api, alive, () => clock.ms++);
  return { shared, clock };
}

describe('reads of several flows', () => {
  it('of one path are one request, also while it is under way', async () => {
    const api = new Counting();
    const { shared } = reads(api);
    const [one, two, other] = await Promise.all([
      shared.ofOneFlow().get('/a', alive),
      shared.ofOneFlow().get('/a', alive),
      shared.ofOneFlow().get('/b', alive),
    ]);
    expect(api.asked).toEqual(['/a', '/b']);
    expect([one, two, other]).toEqual([1, 1, 2].map((n) => ({ kind: 'object', body: { n } })));
  });

  it('are made again for a flow that asks again, which others then share', async () => {
    const api = new Counting();
    const { shared } = reads(api);
    const [one, two] = [shared.ofOneFlow(), shared.ofOneFlow()];
    await one.get('/a', alive);
    await two.get('/a', alive);
    expect(await one.get('/a', alive)).toEqual({ kind: 'object', body: { n: 2 } });
    expect(await two.get('/a', alive)).toEqual({ kind: 'object', body: { n: 2 } });
    expect(api.asked.length).toBe(2);
  });

  it('grow old in 5 s', async () => {
    const api = new Counting();
    const { shared, clock } = reads(api);
    await shared.ofOneFlow().get('/a', alive);
    clock.ms = 4900;
    await shared.ofOneFlow().get('/a', alive);
    expect(api.asked.length).toBe(1);
    clock.ms = 5100;
    await shared.ofOneFlow().get('/a', alive);
    expect(api.asked.length).toBe(2);
  });

  it('that had no answer are tried again', async () => {
    const api = new Counting();
    api.answer = (n) => Promise.resolve(n === 1 ? { kind: 'no-answer', message: 'down' } : { kind: 'not-found' });
    const { shared } = reads(api);
    expect(await shared.ofOneFlow().get('/a', alive)).toEqual({ kind: 'no-answer', message: 'down' });
    expect(await shared.ofOneFlow().get('/a', alive)).toEqual({ kind: 'not-found' });
  });

  it('end for the flow that ends, and go on for the others', async () => {
    const api = new Counting();
    let answer: (said: ApiAnswer) => void = () => undefined;
    api.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const { shared } = reads(api);
    const ending = new AbortController();
    const left = shared.ofOneFlow().get('/a', ending.signal);
    const stays = shared.ofOneFlow().get('/a', alive);
    ending.abort();
    expect(await left).toEqual({ kind: 'no-answer', message: 'the run has ended' });
    answer({ kind: 'not-found' });
    expect(await stays).toEqual({ kind: 'not-found' });
  });
});

describe('the debug container of a Pod', () => {
  const waiting: ContainerState = { state: 'waiting', name: 'netdebug', created: true, detail: 'starting' };
  const running: ContainerState = {
    state: 'running',
    name: 'netdebug',
    created: true,
    image: 'image:1',
    profile: 'general',
    tookMs: 900,
  };
  const options = (pod: string): AttachOptions => ({
    namespace: 'shop',
    pod,
    image: 'image:1',
    imagePullPolicy: 'Never',
    profile: 'auto',
    signal: alive,
  });

  function containers() {
    const started: { options: AttachOptions; report: (state: ContainerState) => void; end: () => void }[] = [];
    const attach: Attach = (given, report) =>
      new Promise((end) => {
        started.push({ options: given, report, end });
      });
    const all = new AbortController();
    return { started, all, shared: new SharedContainers({} as KubeClient, all.signal, attach) };
  }

  it('is added once; every flow hears of it, and one of them has added it', async () => {
    const { started, shared } = containers();
    const [first, second, late]: ContainerState[][] = [[], [], []];
    const one = shared.attach(options('web'), (state) => first?.push(state));
    started[0]?.report(waiting);
    const two = shared.attach(options('web'), (state) => second?.push(state));
    started[0]?.report(running);
    started[0]?.end();
    await Promise.all([one, two]);
    await shared.attach(options('web'), (state) => late?.push(state));
    expect(started.length).toBe(1);
    expect(first).toEqual([waiting, running]);
    expect(second).toEqual([
      { ...waiting, created: false },
      { ...running, created: false },
    ]);
    expect(late).toEqual([{ ...running, created: false }]);
  });

  it('is another one for another Pod', () => {
    const { started, shared } = containers();
    void shared.attach(options('web'), () => undefined);
    void shared.attach(options('api'), () => undefined);
    expect(started.map((start) => start.options.pod)).toEqual(['web', 'api']);
  });

  it('is waited for as long as the check runs, not as long as the flow that came first', () => {
    const { started, shared, all } = containers();
    const ending = new AbortController();
    void shared.attach({ ...options('web'), signal: ending.signal }, () => undefined);
    ending.abort();
    expect(started[0]?.options.signal.aborted).toBe(false);
    all.abort();
    expect(started[0]?.options.signal.aborted).toBe(true);
  });
});

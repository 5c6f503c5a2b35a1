import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterConfig, type ConnectionFlags } from '../../src/adapters/kube-config.ts';
import { KubeRest, messageOf, type RequestRecord } from '../../src/adapters/kube-rest.ts';
import { type Answer, configFor, FakeApi, json, restFor, status } from './fake-api.ts';

let api: FakeApi;
let rest: KubeRest;
afterEach(async () => {
  await rest.close();
  await api.stop();
});

async function start(answer: Answer, flags: ConnectionFlags = {}, limitMs?: number): Promise<KubeRest> {
  api = new FakeApi(answer);
  rest = restFor(await api.start(), flags, limitMs);
  return rest;
}

const never = new AbortController().signal;
const empty = (_asked: unknown, response: ServerResponse): void => json(response, 200, { items: [] });

describe('the API client', () => {
  it('uses one connection for reads that follow each other', async () => {
    await start(empty);
    for (let read = 0; read < 10; read++)
      expect(await rest.get(`/api/v1/pods?n=${read}`, never)).toMatchObject({ kind: 'object' });
    expect(api.asked).toHaveLength(10);
    expect(api.connections).toBe(1);
  });

  it('reads side by side', async () => {
    const waiting: ServerResponse[] = [];
    await start((_asked, response) => {
      waiting.push(response);
      if (waiting.length === 5) for (const each of waiting) json(each, 200, {});
    });
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => rest.get(`/api/v1/pods?n=${n}`, never)));
    expect(answers.every(({ kind }) => kind === 'object')).toBe(true);
  });

  it.each([
    ['an object', (response: ServerResponse) => json(response, 200, { a: 1 }), { kind: 'object', body: { a: 1 } }],
    ['404 as a fact', (response: ServerResponse) => status(response, 404, 'pods "x" not found'), { kind: 'not-found' }],
    [
      '403 with its words',
      (response: ServerResponse) => status(response, 403, 'pods is forbidden: User "dev" cannot list'),
      { kind: 'refused', status: 403, message: 'pods is forbidden: User "dev" cannot list' },
    ],
    [
      '500 of a proxy that speaks no JSON',
      (response: ServerResponse) => void response.writeHead(502).end('<h1>Bad Gateway</h1>\n'),
      { kind: 'refused', status: 502, message: '<h1>Bad Gateway</h1>' },
    ],
  ])('takes %s', async (_what, answer, expected) => {
    await start((_asked, response) => answer(response));
    expect(await rest.get('/api/v1/namespaces/shop/pods/x', never)).toEqual(expected);
  });

  it('says for how long nobody answered', async () => {
    await start(() => undefined, {}, 50);
    const answer = await rest.get('/api/v1/pods', never);
    expect(answer).toMatchObject({
      kind: 'no-answer',
      message: expect.stringMatching(/^no answer from 127\.0\.0\.1:\d+ in 0\.05 s$/),
    });
  });

  it('gives up an answer that stops in the middle', async () => {
    await start((_asked, response) => void response.writeHead(200).write('{"items":['), {}, 50);
    expect(await rest.get('/api/v1/pods', never)).toMatchObject({ kind: 'no-answer' });
  });

  it('says that nobody listens', async () => {
    await start(empty);
    await api.stop();
    expect(await rest.get('/api/v1/pods', never)).toMatchObject({
      kind: 'no-answer',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    // The request has arrived, and nobody answers it.
    await start(() => stop.abort());
    expect(await rest.get('/api/v1/pods', stop.signal)).toMatchObject({ kind: 'no-answer' });
    expect(await rest.get('/api/v1/pods', stop.signal)).toMatchObject({ kind: 'no-answer' });
    expect(api.asked).toHaveLength(1);
  });

  it.each([
    ['an hour ahead', 3_600_000, 3_600_000],
    ['a day behind', -86_400_000, -86_400_000],
    ['the same but for rounding', -900, 0],
  ])('knows the clock of the server: %s', async (_what, aheadMs, differenceMs) => {
    await start((_asked, response) => {
      response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString());
      json(response, 200, {});
    });
    expect(rest.serverTime() - Date.now()).toBeLessThan(100);
    await rest.get('/version', never);
    expect(Math.abs(rest.serverTime() - Date.now() - differenceMs)).toBeLessThan(1500);
  });

  it('sends who is meant by --as, --as-group and --as-uid', async () => {
    await start(empty, {
      as: 'dev@example',
      asGroup: ['team-a', 'system:authenticated'],
      asUid: 'u-7',
      token: 'secret',
    });
    await rest.get('/api/v1/pods', never);
    expect(api.asked[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'impersonate-user': 'dev@example',
      'impersonate-group': 'team-a, system:authenticated',
      'impersonate-uid': 'u-7',
      accept: 'application/json',
    });
  });

  it('keeps the path of a server behind a gateway', async () => {
    api = new FakeApi(empty);
    rest = restFor(`${await api.start()}/k8s/clusters/c-1/`);
    await rest.get('/api/v1/pods', never);
    expect(api.asked[0]?.path).toBe('/k8s/clusters/c-1/api/v1/pods');
  });

  it('tells each request for -v', async () => {
    api = new FakeApi((_asked, response) => status(response, 404, 'no'));
    const records: RequestRecord[] = [];
    rest = new KubeRest(configFor(await api.start()), (record) => void records.push(record));
    await rest.get('/api/v1/pods', never);
    expect(records).toEqual([
      { method: 'GET', path: '/api/v1/pods', status: 404, bytes: expect.any(Number), tookMs: expect.any(Number) },
    ]);
    expect(rest.requests).toEqual(records);
  });
});

describe('a server in trouble', () => {
  const busy = (response: ServerResponse, after?: string): void => {
    if (after !== undefined) response.setHeader('retry-after', after);
    status(response, 429, 'too many requests, please try again later');
  };

  it('is given the time it asks for, whatever was asked of it', async () => {
    await start((_asked, response) => (api.asked.length < 3 ? busy(response, '0.05') : json(response, 200, { a: 1 })));
    const startedMs = performance.now();
    const answer = await rest.request({ method: 'PATCH', path: '/api/v1/pods/x', body: { b: 2 } });
    expect(answer).toMatchObject({ status: 200, body: { a: 1 } });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(100);
    expect(api.asked.map(({ body }) => body)).toEqual([{ b: 2 }, { b: 2 }, { b: 2 }]);
  });

  it('is asked four times and no more', async () => {
    await start((_asked, response) => busy(response, '0'));
    expect(await rest.get('/api/v1/pods', never)).toEqual({
      kind: 'refused',
      status: 429,
      message: 'too many requests, please try again later',
    });
    expect(api.asked).toHaveLength(4);
  });

  it('is not waited for longer than for any answer', async () => {
    await start((_asked, response) => busy(response, '60'), {}, 500);
    const startedMs = performance.now();
    expect(await rest.get('/api/v1/pods', never)).toMatchObject({ kind: 'refused', status: 429 });
    expect(performance.now() - startedMs).toBeLessThan(400);
    expect(api.asked).toHaveLength(1);
  });

  it('is not waited for after the end of a run', async () => {
    const stop = new AbortController();
    await start((_asked, response) => {
      busy(response, '1');
      setTimeout(() => stop.abort(), 20);
    });
    const startedMs = performance.now();
    expect(await rest.get('/api/v1/pods', stop.signal)).toMatchObject({ kind: 'no-answer' });
    expect(performance.now() - startedMs).toBeLessThan(900);
  });

  it.each([
    ['that says when to come back is asked again', '0', 2, 'object'],
    ['that does not has answered', undefined, 1, 'refused'],
  ])('503 of one %s', async (_what, after, times, kind) => {
    await start((_asked, response) => {
      if (api.asked.length > 1) return json(response, 200, {});
      if (after !== undefined) response.setHeader('retry-after', after);
      status(response, 503, 'apiserver is shutting down');
    });
    expect(await rest.get('/api/v1/pods', never)).toMatchObject({ kind });
    expect(api.asked).toHaveLength(times);
  });

  it('is asked again when it closes the connection before it answers', async () => {
    await start((_asked, response) =>
      api.asked.length === 1 ? void response.socket?.destroy() : json(response, 200, { a: 1 }),
    );
    expect(await rest.get('/api/v1/pods', never)).toEqual({ kind: 'object', body: { a: 1 } });
  });

  it('is not sent a change again that it may have made', async () => {
    await start((_asked, response) => void response.socket?.destroy());
    await expect(rest.request({ method: 'POST', path: '/api/v1/pods', body: {} })).rejects.toThrow();
    expect(api.asked).toHaveLength(1);
  });

  it('is asked once more with what the credentials are by then', async () => {
    await start((_asked, response) => status(response, 401, 'Unauthorized'));
    expect(await rest.get('/api/v1/pods', never)).toEqual({ kind: 'refused', status: 401, message: 'Unauthorized' });
    expect(api.asked).toHaveLength(2);
  });
});

describe('credentials from a command', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netdebug-exec-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A kubeconfig whose user is a script, which counts how often it is run. */
  async function withCommand(script: string, answer: Answer, more: object = {}): Promise<KubeRest> {
    const command = join(folder, 'login');
    writeFileSync(command, `#!/bin/sh\necho run >> "${folder}/runs"\n${script}\n`, { mode: 0o755 });
    api = new FakeApi(answer);
    const merged = new KubeConfig();
    merged.loadFromString(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'lab',
        contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'me' } }],
        clusters: [{ name: 'lab', cluster: { server: await api.start() } }],
        users: [{ name: 'me', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, ...more } } }],
      }),
    );
    const config = new ClusterConfig(merged, {});
    // client-node keeps what a command gave for every configuration of this process.
    config.renew();
    rest = new KubeRest(config);
    return rest;
  }
  /** Each run gives another token: token-1, token-2, … */
  const giveToken = `n=$(wc -l < "$(dirname "$0")/runs" | tr -d ' ')
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"token-%s"}}' "$n"`;
  const runs = (): number => readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n').length;
  const tokens = () => api.asked.map(({ headers }) => headers.authorization);

  it('are asked for once', async () => {
    await withCommand(giveToken, empty);
    await Promise.all([1, 2, 3].map(() => rest.get('/api/v1/pods', never)));
    await rest.get('/api/v1/pods', never);
    expect(tokens()).toEqual(Array(4).fill('Bearer token-1'));
    expect(runs()).toBe(1);
  });

  it('are asked for again, once, when the server takes them no longer', async () => {
    await withCommand(giveToken, ({ headers }, response) =>
      headers.authorization === 'Bearer token-2' ? json(response, 200, {}) : status(response, 401, 'Unauthorized'),
    );
    const answers = await Promise.all([1, 2, 3].map(() => rest.get('/api/v1/pods', never)));
    expect(answers).toEqual(Array(3).fill({ kind: 'object', body: {} }));
    expect(runs()).toBe(2);
  });

  it('come with the words of the command when there are none', async () => {
    await withCommand('echo "error: token expired, run: cloud login" >&2; exit 1', empty);
    expect(await rest.get('/api/v1/pods', never)).toEqual({
      kind: 'no-answer',
      message: `The command ${join(folder, 'login')} of the kubeconfig gave no credentials: error: token expired, run: cloud login`,
    });
    expect(api.asked).toEqual([]);
  });

  it('come with how to get the command when it is not there', async () => {
    await withCommand('', empty, { command: 'cloud-login-plugin', installHint: 'See https://example.org/install' });
    expect(await rest.get('/api/v1/pods', never)).toEqual({
      kind: 'no-answer',
      message:
        'The kubeconfig gets its credentials from the command cloud-login-plugin, which is not on this machine. See https://example.org/install',
    });
  });

  it('are asked for as kubectl does: in the version wanted, with nobody at the keyboard, for this cluster', async () => {
    await withCommand(`printenv KUBERNETES_EXEC_INFO > "$(dirname "$0")/told"\n${giveToken}`, empty, {
      provideClusterInfo: true,
      env: [{ name: 'REGION', value: 'north' }],
    });
    await rest.get('/api/v1/pods', never);
    expect(JSON.parse(readFileSync(join(folder, 'told'), 'utf8'))).toEqual({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1',
      spec: { interactive: false, cluster: { server: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) } },
    });
  });
});

describe('the words of an answer', () => {
  it.each([
    [{ kind: 'Status', message: 'no' }, 'no'],
    ['  text \n', 'text'],
    [{ a: 1 }, '{"a":1}'],
    [null, 'null'],
    [undefined, 'no message'],
    ['x'.repeat(600), 'x'.repeat(500)],
  ])('%#', (body, words) => {
    expect(messageOf(body)).toBe(words);
  });
});

describe('a rehearsal', () => {
  const change = {
    verb: 'patch',
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    namespace: 'shop',
    path: '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/deny',
    body: [{ op: 'add', path: '/spec/ingress', value: [{}] }],
  } as const;
  const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const rehearse = async (allowed: boolean, answer: (response: ServerResponse) => void) => {
    await start(({ path }, response) =>
      path === REVIEWS ? json(response, 201, { status: { allowed } }) : answer(response),
    );
    return rest.rehearse(change, never);
  };
  const asked = () => api.asked.map(({ method, path }) => `${method} ${path}`);

  it('is a dry run, and nothing but that', async () => {
    expect(await rehearse(true, (response) => json(response, 200, { kind: 'NetworkPolicy' }))).toEqual({
      kind: 'object',
      body: { kind: 'NetworkPolicy' },
    });
    expect(asked()).toEqual([
      `POST ${REVIEWS}`,
      'PATCH /apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/deny?dryRun=All',
    ]);
  });

  it('has the words of whoever refuses', async () => {
    const words = 'admission webhook "guard.example.org" denied the request: ask the network team';
    expect(await rehearse(true, (response) => status(response, 403, words))).toEqual({
      kind: 'refused',
      status: 403,
      message: words,
    });
  });

  it('is left out where the user may not make the change', async () => {
    expect(await rehearse(false, (response) => json(response, 200, {}))).toBeNull();
    expect(asked()).toEqual([`POST ${REVIEWS}`]);
  });
});

import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectionFlags } from '../../src/adapters/kube-config.ts';
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

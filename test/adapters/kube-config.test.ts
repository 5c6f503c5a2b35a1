import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConnectionFlags, loadClusterConfig, NoCluster } from '../../src/adapters/kube-config.ts';

interface Entry {
  readonly server?: string;
  readonly token?: string;
  readonly namespace?: string;
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netdebug-kubeconfig-'));
  vi.stubEnv('HOME', folder);
  for (const name of [
    'KUBECONFIG',
    'KUBERNETES_SERVICE_HOST',
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
  ])
    vi.stubEnv(name, undefined);
  vi.stubEnv('NO_PROXY', undefined);
  vi.stubEnv('no_proxy', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A kubeconfig in which context, cluster and user have one name. */
function file(name: string, entries: Readonly<Record<string, Entry>>, current?: string): string {
  const path = join(folder, name);
  const named = Object.entries(entries);
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      ...(current === undefined ? {} : { 'current-context': current }),
      clusters: named.map(([name, { server }]) => ({ name, cluster: { server } })),
      users: named.map(([name, { token }]) => ({ name, user: { token } })),
      contexts: named.map(([name, { namespace }]) => ({ name, context: { cluster: name, user: name, namespace } })),
    }),
  );
  return path;
}

/** Where a run would go, and as whom. */
function chosen(flags: ConnectionFlags) {
  const config = loadClusterConfig(flags);
  return {
    server: config.getCurrentCluster()?.server,
    token: config.getCurrentUser()?.token,
    namespace: config.namespace,
    proxy: config.getCurrentCluster()?.proxyUrl,
  };
}

const complaint = (flags: ConnectionFlags): string => {
  try {
    loadClusterConfig(flags);
  } catch (error) {
    if (error instanceof NoCluster) return error.message;
    throw error;
  }
  return '';
};

const A = { server: 'https://a.example:6443', token: 'token-a', namespace: 'shop' };
const B = { server: 'https://b.example:6443', token: 'token-b' };

describe('the kubeconfig', () => {
  it('is the file of --kubeconfig, whatever the environment says', () => {
    vi.stubEnv('KUBECONFIG', file('env', { b: B }, 'b'));
    expect(chosen({ kubeconfig: file('flag', { a: A }, 'a') })).toMatchObject({ ...A });
  });

  it('is made of the files of KUBECONFIG: of two entries the first wins, what is missing is passed over', () => {
    const first = file('first', { shared: A });
    const second = file('second', { shared: B, other: B }, 'shared');
    const third = file('third', { third: B }, 'third');
    vi.stubEnv('KUBECONFIG', ['', join(folder, 'missing'), first, second, third].join(delimiter));
    expect(chosen({})).toMatchObject(A);
    expect(chosen({ context: 'other' })).toMatchObject({ server: B.server, token: B.token, namespace: 'default' });
    expect(chosen({ context: 'third' })).toMatchObject({ server: B.server });
  });

  it('may leave clusters or users out, as a file that only switches contexts does', () => {
    const path = join(folder, 'contexts');
    writeFileSync(path, 'apiVersion: v1\nkind: Config\ncurrent-context: b\npreferences: {}\n');
    vi.stubEnv('KUBECONFIG', [path, file('all', { a: A, b: B }, 'a')].join(delimiter));
    expect(chosen({})).toMatchObject({ server: B.server });
  });

  it('may be an empty file beside others', () => {
    const path = join(folder, 'empty');
    writeFileSync(path, '');
    vi.stubEnv('KUBECONFIG', [path, file('all', { a: A }, 'a')].join(delimiter));
    expect(chosen({})).toMatchObject({ server: A.server });
  });

  it('may have the token in a file of its own, which is read again when it is renewed', () => {
    const path = join(folder, 'with-file');
    const users = [{ name: 'a', user: { token: 'old', tokenFile: 'secret/token' } }];
    const clusters = [{ name: 'a', cluster: { server: A.server } }];
    const contexts = [{ name: 'a', context: { cluster: 'a', user: 'a' } }];
    writeFileSync(
      path,
      JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'a', clusters, users, contexts }),
    );
    expect(complaint({ kubeconfig: path })).toMatch(
      /^The kubeconfig has the token in .*secret\/token, which cannot be read/,
    );
    mkdirSync(join(folder, 'secret'));
    writeFileSync(join(folder, 'secret/token'), 'first\n');
    const config = loadClusterConfig({ kubeconfig: path });
    expect(config.getCurrentUser()?.token).toBe('first');
    writeFileSync(join(folder, 'secret/token'), 'second\n');
    config.renew();
    expect(config.getCurrentUser()?.token).toBe('second');
    expect(chosen({ kubeconfig: path, token: 'mine' })).toMatchObject({ token: 'mine' });
  });

  it('lets flags have the last word', () => {
    const kubeconfig = file('both', { a: A, b: B }, 'a');
    expect(chosen({ kubeconfig, cluster: 'b' })).toMatchObject({ server: B.server, token: A.token });
    expect(chosen({ kubeconfig, user: 'b' })).toMatchObject({ server: A.server, token: B.token });
    expect(chosen({ kubeconfig, token: 'mine', namespace: 'data' })).toMatchObject({
      token: 'mine',
      namespace: 'data',
    });
    expect(chosen({ kubeconfig, server: 'https://c.example/' })).toMatchObject({ server: 'https://c.example' });
  });

  it.each([
    ['there is none', () => ({}), 'No kubeconfig was found, so there is no cluster to ask.'],
    ['the file does not exist', () => ({ kubeconfig: join(folder, 'gone') }), /^There is no file .*gone\.$/],
    [
      'the context is unknown',
      () => ({ kubeconfig: file('f', { a: A }, 'a'), context: 'c' }),
      'There is no context c in the kubeconfig.',
    ],
    [
      'the cluster is unknown',
      () => ({ kubeconfig: file('f', { a: A }, 'a'), cluster: 'c' }),
      'There is no cluster c in the kubeconfig.',
    ],
    [
      'the user is unknown',
      () => ({ kubeconfig: file('f', { a: A }, 'a'), user: 'c' }),
      'There is no user c in the kubeconfig.',
    ],
    [
      'no context is current',
      () => ({ kubeconfig: file('f', { a: A, b: B }) }),
      'The kubeconfig has no current context (it knows a, b).',
    ],
    [
      'the current context is gone',
      () => ({ kubeconfig: file('f', { a: A }, 'z') }),
      'The current context z is not in the kubeconfig (it knows a).',
    ],
    [
      'a cluster has no address',
      () => ({ kubeconfig: file('f', { a: {} }, 'a') }),
      /is no kubeconfig: .*server is missing$/,
    ],
  ])('says what is wrong when %s', (_when, flags, message) => {
    if (typeof message === 'string') expect(complaint(flags())).toBe(message);
    else expect(complaint(flags())).toMatch(message);
  });

  it('that is no YAML is named', () => {
    const path = join(folder, 'broken');
    writeFileSync(path, '{"clusters": [');
    expect(complaint({ kubeconfig: path })).toMatch(/broken is no kubeconfig: /);
  });
});

describe('a proxy of the environment', () => {
  const proxyFor = (server: string): string | undefined => chosen({ server }).proxy;

  it.each([
    ['is used', undefined, 'https://a.example', true],
    ['is not used for this machine', undefined, 'https://127.0.0.1:6443', false],
    ['is not used for localhost', undefined, 'https://localhost:6443', false],
    ['is not used where NO_PROXY names the host', 'b.example,a.example', 'https://a.example:6443', false],
    ['is not used where NO_PROXY names a domain above', ' .example ', 'https://a.example', false],
    ['is not used where NO_PROXY names a domain above without a dot', 'example', 'https://a.example', false],
    ['is used where NO_PROXY only ends the same way', 'a.example', 'https://aa.example', true],
    ['is not used where NO_PROXY has the network', '10.0.0.0/8,192.168.0.0/16', 'https://10.1.2.3:6443', false],
    ['is used where NO_PROXY has another network', '10.0.0.0/16', 'https://10.1.2.3:6443', true],
    ['is used where a host name only looks like a network', '0.0.0.0/0', 'https://a.example', true],
    ['is never used with NO_PROXY=*', '*', 'https://a.example', false],
    ['is not used where NO_PROXY has host and port', 'a.example:6443', 'https://a.example:6443', false],
    ['is used where NO_PROXY has another port', 'a.example:443', 'https://a.example:6443', true],
  ])('%s', (_what, exceptions, server, used) => {
    vi.stubEnv('HTTPS_PROXY', 'http://proxy.example:3128');
    if (exceptions !== undefined) vi.stubEnv('NO_PROXY', exceptions);
    expect(proxyFor(server)).toBe(used ? 'http://proxy.example:3128' : undefined);
  });

  it('for plain HTTP is another', () => {
    vi.stubEnv('HTTPS_PROXY', 'http://proxy.example:3128');
    expect(proxyFor('http://a.example')).toBeUndefined();
    vi.stubEnv('http_proxy', 'http://plain.example:3128');
    expect(proxyFor('http://a.example')).toBe('http://plain.example:3128');
  });

  it('is overruled by the kubeconfig', () => {
    vi.stubEnv('HTTPS_PROXY', 'http://proxy.example:3128');
    const path = join(folder, 'proxied');
    const cluster = { server: 'https://a.example', 'proxy-url': 'socks5://own.example:1080' };
    writeFileSync(
      path,
      JSON.stringify({
        'current-context': 'a',
        clusters: [{ name: 'a', cluster }],
        users: [],
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      }),
    );
    expect(chosen({ kubeconfig: path }).proxy).toBe('socks5://own.example:1080');
  });
});

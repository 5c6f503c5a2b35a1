import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { load } from 'js-yaml';

/** kubectl's connection flags, as given. */
export interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly asUid?: string;
  readonly server?: string;
  readonly token?: string;
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly tlsServerName?: string;
}

/** The kubeconfig does not name a cluster that could be asked; the message says which part is missing. */
export class NoCluster extends Error {
  readonly tryThis: readonly string[];

  constructor(message: string, tryThis: readonly string[]) {
    super(message);
    this.name = 'NoCluster';
    this.tryThis = tryThis;
  }
}

/** A kubeconfig that also sends the groups and the uid of `--as-group` and `--as-uid`, which client-node knows nothing of. */
export class ClusterConfig extends KubeConfig {
  readonly #impersonation: Record<string, string | string[]>;
  /** Where the token comes from; whoever wrote it may write a newer one. */
  readonly #tokenFile: string | null;
  readonly namespace: string;

  constructor(merged: KubeConfig, flags: ConnectionFlags) {
    super();
    const contextName = flags.context ?? merged.currentContext;
    const context = merged.getContextObject(contextName);
    if (context === null && flags.context !== undefined) {
      throw new NoCluster(`There is no context ${flags.context} in the kubeconfig.`, ['kubectl config get-contexts']);
    }
    const clusterName = flags.cluster ?? context?.cluster;
    const cluster = merged.getCluster(clusterName ?? '') ?? null;
    if (cluster === null && flags.cluster !== undefined)
      throw new NoCluster(`There is no cluster ${flags.cluster} in the kubeconfig.`, ['kubectl config get-clusters']);
    const server = flags.server ?? cluster?.server;
    if (server === undefined || server === '') {
      const known = `it knows ${merged.contexts.map(({ name }) => name).join(', ')}`;
      throw new NoCluster(
        merged.contexts.length === 0
          ? 'No kubeconfig was found, so there is no cluster to ask.'
          : context !== null
            ? `The context ${contextName} names the cluster ${context.cluster}, which is not in the kubeconfig.`
            : contextName === ''
              ? `The kubeconfig has no current context (${known}).`
              : `The current context ${contextName} is not in the kubeconfig (${known}).`,
        merged.contexts.length === 0
          ? ['kubectl config view', 'kubectl netdebug --kubeconfig FILE …']
          : ['kubectl config use-context NAME', 'kubectl netdebug --context NAME …'],
      );
    }
    const user: (User & { readonly tokenFile?: string }) | null = merged.getUser(flags.user ?? context?.user ?? '');
    if (user === null && flags.user !== undefined)
      throw new NoCluster(`There is no user ${flags.user} in the kubeconfig.`, ['kubectl config get-users']);
    this.#tokenFile = flags.token === undefined ? (user?.tokenFile ?? null) : null;
    const token = flags.token ?? (this.#tokenFile === null ? undefined : readToken(this.#tokenFile));
    const proxyUrl = cluster?.proxyUrl ?? proxyFromEnvironment(server);
    this.loadFromOptions({
      clusters: [
        {
          name: 'cluster',
          // client-node takes plain HTTP, as of `kubectl proxy`, only with this word; there is no TLS to check then.
          skipTLSVerify: /^http:/i.test(server) || (flags.insecureSkipTlsVerify ?? cluster?.skipTLSVerify ?? false),
          server: server.replace(/\/+$/, ''),
          ...(flags.certificateAuthority !== undefined
            ? { caFile: flags.certificateAuthority }
            : {
                ...(cluster?.caData === undefined ? {} : { caData: cluster.caData }),
                ...(cluster?.caFile === undefined ? {} : { caFile: cluster.caFile }),
              }),
          ...(flags.tlsServerName !== undefined
            ? { tlsServerName: flags.tlsServerName }
            : cluster?.tlsServerName === undefined
              ? {}
              : { tlsServerName: cluster.tlsServerName }),
          ...(proxyUrl === undefined ? {} : { proxyUrl }),
        },
      ],
      // Without a user client-node ignores the cluster's CA.
      users: [
        {
          ...user,
          ...(user?.exec === undefined || user.exec === null ? {} : { exec: withExecInfo(user.exec, cluster) }),
          name: 'user',
          ...(token === undefined ? {} : { token }),
          ...(flags.clientCertificate === undefined ? {} : { certFile: flags.clientCertificate, certData: undefined }),
          ...(flags.clientKey === undefined ? {} : { keyFile: flags.clientKey, keyData: undefined }),
        },
      ],
      contexts: [{ name: contextName || 'default', cluster: 'cluster', user: 'user' }],
      currentContext: contextName || 'default',
    });
    this.namespace = flags.namespace ?? context?.namespace ?? 'default';
    this.#impersonation = {
      ...(flags.as === undefined ? {} : { 'Impersonate-User': flags.as }),
      ...(flags.asGroup === undefined || flags.asGroup.length === 0 ? {} : { 'Impersonate-Group': [...flags.asGroup] }),
      ...(flags.asUid === undefined ? {} : { 'Impersonate-Uid': flags.asUid }),
    };
  }

  /**
   * Forgets the credentials that a command gave, or a file of its own: they are asked for again. Those written in the kubeconfig stay as they are.
   */
  renew(): void {
    const [user, context] = [this.users[0], this.contexts[0]];
    if (user === undefined || context === undefined) return;
    // client-node keeps them by the user's name, and has no way to let go of them.
    const name = `user-${++renewals}`;
    const file = this.#tokenFile;
    this.users = [{ ...user, name, ...(file === null || !existsSync(file) ? {} : { token: readToken(file) }) }];
    this.contexts = [{ ...context, user: name }];
  }

  /** @throws when the kubeconfig's command for credentials gives none, in its own words */
  override async applyToHTTPSOptions(options: Parameters<KubeConfig['applyToHTTPSOptions']>[0]): Promise<void> {
    const command: unknown = this.getCurrentUser()?.exec?.command;
    await (typeof command === 'string' ? this.#askCommand(command, options) : super.applyToHTTPSOptions(options));
    options.headers = { ...options.headers, ...this.#impersonation } as NonNullable<typeof options.headers>;
  }

  async #askCommand(command: string, options: Parameters<KubeConfig['applyToHTTPSOptions']>[0]): Promise<void> {
    const exec: ExecConfig = this.getCurrentUser()?.exec ?? {};
    const late = new AbortController();
    try {
      await Promise.race([
        super.applyToHTTPSOptions(options),
        wait(LOGIN_LIMIT_MS, undefined, { signal: late.signal, ref: false }).then(() => {
          throw new Error(`no answer in ${LOGIN_LIMIT_MS / 1000} s; if it waits for a login, run it by itself first`);
        }),
      ]);
    } catch (error) {
      const words = error instanceof Error ? error.message.trim() : String(error);
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new Error(
        isMissing
          ? `The kubeconfig gets its credentials from the command ${command}, which is not on this machine.${exec.installHint === undefined ? '' : ` ${exec.installHint.trim()}`}`
          : `The command ${command} of the kubeconfig gave no credentials: ${words === '' ? 'it says nothing' : words.slice(-500)}`,
      );
    } finally {
      late.abort();
    }
  }
}

/** @throws {NoCluster} when it cannot be read */
function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new NoCluster(
      `The kubeconfig has the token in ${file}, which cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      ['kubectl config view --minify', 'kubectl netdebug --token TOKEN …'],
    );
  }
}

/** How often any of them was renewed: client-node keeps credentials for all configurations of a process. */
let renewals = 0;

/** Someone may have to log in with a browser first. */
const LOGIN_LIMIT_MS = 60_000;

/**
 * What the command is told, as kubectl tells it: the version it has to answer in, that nobody sits at its standard input, and the cluster if the
 * kubeconfig wants that. Some commands of clouds do not work without.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
function withExecInfo(exec: ExecConfig, cluster: Cluster | null): ExecConfig {
  const told = {
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true && cluster !== null
        ? {
            cluster: {
              server: cluster.server,
              ...(cluster.caData === undefined ? {} : { 'certificate-authority-data': cluster.caData }),
              ...(cluster.tlsServerName === undefined ? {} : { 'tls-server-name': cluster.tlsServerName }),
              ...(cluster.skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
            },
          }
        : {}),
    },
  };
  return { ...exec, env: [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(told) }] };
}

interface ExecConfig {
  readonly command?: string;
  readonly apiVersion?: string;
  readonly provideClusterInfo?: boolean;
  readonly installHint?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

/** Names a kubeconfig has, for those who have to choose one of them. */
export interface KubeConfigNames {
  readonly contexts: readonly { readonly name: string; readonly cluster: string }[];
  readonly clusters: readonly string[];
  readonly users: readonly string[];
}

/**
 * The configuration of the cluster that the flags and the kubeconfig mean; without a kubeconfig the service account of the
 * Pod this runs in.
 *
 * @throws {NoCluster} when there is nothing to connect to, or a file cannot be read
 */
export function loadClusterConfig(flags: ConnectionFlags): ClusterConfig {
  const merged = mergedKubeConfig(flags);
  if (merged.contexts.length === 0 && flags.server === undefined && process.env.KUBERNETES_SERVICE_HOST !== undefined)
    merged.loadFromCluster();
  return new ClusterConfig(merged, flags);
}

/** What can be chosen by `--context`, `--cluster` and `--user`. @throws {NoCluster} when a file cannot be read */
export function kubeConfigNames(flags: ConnectionFlags): KubeConfigNames {
  const { contexts, clusters, users } = mergedKubeConfig(flags);
  return {
    contexts: contexts.map(({ name, cluster }) => ({ name, cluster })),
    clusters: clusters.map(({ name }) => name),
    users: users.map(({ name }) => name),
  };
}

/**
 * The kubeconfig as kubectl reads it: `--kubeconfig`, else the files of KUBECONFIG, else `~/.kube/config`. Of two entries with
 * one name the first wins; files that do not exist are passed over.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
function mergedKubeConfig(flags: ConnectionFlags): KubeConfig {
  const merged = new KubeConfig();
  merged.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: '' });
  const files =
    flags.kubeconfig !== undefined
      ? [flags.kubeconfig]
      : (process.env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const wanted = files.length > 0 ? files : [join(homedir(), '.kube', 'config')];
  for (const file of wanted) {
    if (!existsSync(file)) {
      if (flags.kubeconfig !== undefined) throw new NoCluster(`There is no file ${file}.`, ['kubectl config view']);
      continue;
    }
    const one = new KubeConfig();
    try {
      // To kubectl an empty file is an empty configuration, as one that is created before it is filled.
      const text = readFileSync(file, 'utf8');
      if (text.trim() === '') continue;
      one.loadFromFile(file);
      // Few have one, and every run begins with reading this file.
      if (text.includes('tokenFile')) one.users = withTokenFiles(one.users, text, dirname(file));
    } catch (error) {
      throw new NoCluster(`${file} is no kubeconfig: ${error instanceof Error ? error.message : String(error)}`, [
        `kubectl config view --kubeconfig ${file}`,
      ]);
    }
    const add = <T extends { readonly name: string }>(into: T[], from: readonly T[]): void => {
      into.push(...from.filter((item) => !into.some(({ name }) => name === item.name)));
    };
    add(merged.clusters, one.clusters);
    add(merged.users, one.users);
    add(merged.contexts, one.contexts);
    if (merged.currentContext === '') merged.currentContext = one.currentContext ?? '';
  }
  return merged;
}

/** HTTPS_PROXY and NO_PROXY, which kubectl honours and client-node does not; see golang.org/x/net/http/httpproxy. */
function proxyFromEnvironment(server: string): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const names = protocol === 'https:' ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const proxy = names.map((name) => process.env[name]).find((value) => value !== undefined && value !== '');
  if (proxy === undefined || hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]')
    return undefined;
  const exceptions = (process.env.NO_PROXY ?? process.env.no_proxy ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const excepted = exceptions.some((entry) => {
    const [, name = entry, onlyPort] = entry.match(/^([^:]+):(\d+)$/) ?? [];
    if (onlyPort !== undefined && onlyPort !== ownPort) return false;
    return (
      name === '*' ||
      hostname === name ||
      hostname.endsWith(name.startsWith('.') ? name : `.${name}`) ||
      (/^[\d.]+\/\d+$/.test(name) && inV4(hostname, name))
    );
  });
  return excepted ? undefined : proxy;
}

function inV4(address: string, cidr: string): boolean {
  const [network = '', bits = '32'] = cidr.split('/');
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(address) / size) === Math.floor(number(network) / size);
}

/** Adds where the tokens of users are, which client-node looks for under another name than kubectl; from the folder of the kubeconfig. */
function withTokenFiles(users: User[], text: string, folder: string): User[] {
  const raw = load(text) as { users?: readonly RawUser[] | null } | null;
  return users.map((user) => {
    const tokenFile = raw?.users?.find(({ name }) => name === user.name)?.user?.tokenFile;
    return typeof tokenFile === 'string' && tokenFile !== ''
      ? { ...user, tokenFile: resolve(folder, tokenFile) }
      : user;
  });
}

interface RawUser {
  readonly name?: string;
  readonly user?: { readonly tokenFile?: unknown } | null;
}

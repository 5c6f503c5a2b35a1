// A running lab, as the faults see it: everything goes through `test/lab/lab`, nothing through the tool under test.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const REPO = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const SCRIPT = join(REPO, 'test/lab/lab');

/** Objects made for one fault carry this label, so that what an interrupted run left can be swept away. */
export const MADE_FOR = 'lab/made-for';
export const SWEPT_KINDS =
  'networkpolicies,services,deployments,daemonsets,jobs,pods,resourcequotas,horizontalpodautoscalers';

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; [field: string]: unknown };
  [field: string]: unknown;
}

export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
  milliseconds: number;
  timedOut: boolean;
}

export interface RunOptions {
  input?: string;
  seconds?: number;
}

export interface LabModes {
  proxyMode: string;
  policy: string;
}

/** One HTTP request made by curl; `exit` 0 means that an HTTP answer came, whatever its status. */
export interface Fetch {
  exit: number;
  status: number;
  connectSeconds: number;
  seconds: number;
  error: string;
}

/** The place a packet starts from: a Pod's network namespace with the Pod's own resolv.conf and hosts file. */
export interface Vantage {
  run(command: string[], options?: RunOptions): Promise<Outcome>;
  fetch(url: string, times?: number, seconds?: number): Promise<Fetch[]>;
  /** Status and answers of one DNS query, `no answer: …` when the transport failed. The name is taken as it is, without search list. */
  dig(name: string, ...options: string[]): Promise<string>;
}

// The processes of a Pod are found by the Pod's UID in their cgroup, those with a hosts file (the pause container has none) first; node programs then run in its network, with copies of its two files.
const ENTER = `
uid=$1; shift; found=
for f in $(grep -ls "pod$uid" /proc/[0-9]*/cgroup); do p=\${f#/proc/}; p=\${p%/cgroup}; [ -s /proc/$p/root/etc/resolv.conf ] || continue; found=$p; [ -s /proc/$p/root/etc/hosts ] && break; done
[ -n "$found" ] || { echo "no process of Pod $uid on this node" >&2; exit 125; }
exec unshare --mount --propagation private sh -c '
p=$1; shift; d=$(mktemp -d); cp /proc/$p/root/etc/resolv.conf $d/; cp /proc/$p/root/etc/hosts $d/ 2>/dev/null || : > $d/hosts
mount --bind $d/resolv.conf /etc/resolv.conf; mount --bind $d/hosts /etc/hosts; rm -rf $d; exec nsenter --net=/proc/$p/ns/net -- "$@"' enter "$found" "$@"`;

// All requests at once: a broken flow costs one timeout, however often it is asked.
const FETCH = `
export url=$1 seconds=$2 times=$3
seq "$times" | xargs -P "$times" -n1 sh -c '
said=$(curl -sS -o /dev/null --connect-timeout "$seconds" -m "$seconds" -w "%{stderr}\\n@ %{exitcode} %{http_code} %{time_connect} %{time_total}" "$url" 2>&1)
printf "%s\\n~~\\n" "$said"'`;

export class Lab {
  readonly prefix: string;

  constructor(prefix = process.env.P ?? 'lab') {
    this.prefix = prefix;
  }

  /** Where `lab` keeps the state of this prefix; gone after `lab down`. */
  get stateDir(): string {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
    return join(process.env.LAB || join(cache, 'netdebug-lab'), this.prefix);
  }

  /** Runs `lab ARGS…` and returns whatever came of it. */
  async attempt(args: string[], { input, seconds = 30 }: RunOptions = {}): Promise<Outcome> {
    const started = performance.now();
    const result = await execa(SCRIPT, args, {
      cwd: REPO,
      env: { P: this.prefix },
      reject: false,
      // A session of its own: Ctrl-C ends neither the undo nor what `lab start` leaves running.
      detached: true,
      timeout: seconds * 1000,
      forceKillAfterDelay: 1000,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    });
    const timedOut = result.timedOut === true;
    return {
      exitCode: result.exitCode ?? (timedOut ? 124 : 255),
      stdout: String(result.stdout ?? ''),
      stderr: timedOut ? `gave up after ${seconds} s\n${result.stderr}` : String(result.stderr ?? ''),
      milliseconds: performance.now() - started,
      timedOut,
    };
  }

  /** Runs `lab ARGS…`, returns its output and throws if it fails. */
  async run(args: string[], options?: RunOptions): Promise<string> {
    const outcome = await this.attempt(args, options);
    if (outcome.exitCode !== 0) {
      throw new Error(
        `lab ${args.join(' ').slice(0, 200)}: exit ${outcome.exitCode}: ${outcome.stderr.trim() || outcome.stdout.trim()}`,
      );
    }
    return outcome.stdout.trim();
  }

  async isUp(): Promise<boolean> {
    return (await this.attempt(['kubectl', 'get', '--raw', '/readyz', '--request-timeout=5s'])).exitCode === 0;
  }

  async up(options: Partial<LabModes> = {}): Promise<void> {
    const args = ['up'];
    if (options.proxyMode) args.push('--proxy-mode', options.proxyMode);
    if (options.policy) args.push('--policy', options.policy);
    await this.run(args, { seconds: 900 });
  }

  async down(): Promise<void> {
    await this.run(['down'], { seconds: 60 });
  }

  /** As the cluster itself says: kube-proxy's ConfigMap and the enforcer's command line. */
  async modes(): Promise<LabModes> {
    const config = await this.kubectl(
      '-n',
      'kube-system',
      'get',
      'configmap',
      'kube-proxy',
      '-o',
      'jsonpath={.data.config\\.conf}',
    );
    const enforcer = await this.kubectl(
      '-n',
      'kube-system',
      'get',
      'daemonset',
      'netpol-enforcer',
      '--ignore-not-found',
      '-o',
      'json',
    );
    return {
      proxyMode: /^mode: "?(\w+)"?/m.exec(config)?.[1] ?? 'unknown',
      policy: /--verdict=(\w+)/.exec(enforcer)?.[1] ?? 'none',
    };
  }

  kubectl(...args: string[]): Promise<string> {
    return this.run(['kubectl', ...args]);
  }

  /** A field of an object, '' when the object or the field is not there. */
  async field(jsonpath: string, ...args: string[]): Promise<string> {
    return this.kubectl('get', ...args, '--ignore-not-found', '-o', `jsonpath=${jsonpath}`);
  }

  /** Objects as kubectl gives them. */
  async list<T = KubeObject>(...args: string[]): Promise<T[]> {
    const answer = await this.kubectl('get', ...args, '-o', 'json');
    return (JSON.parse(answer) as { items: T[] }).items;
  }

  async apply(objects: KubeObject[], madeFor?: string): Promise<void> {
    if (objects.length === 0) return;
    const items = objects.map((object) =>
      madeFor
        ? { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [MADE_FOR]: madeFor } } }
        : object,
    );
    await this.run(['kubectl', 'apply', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      seconds: 90,
    });
  }

  async delete(objects: KubeObject[]): Promise<void> {
    if (objects.length === 0) return;
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.run(['kubectl', 'delete', '--ignore-not-found', '-f', '-'], { input });
  }

  /** Until every Deployment is complete and every Pod among the objects is Ready. */
  async ready(objects: KubeObject[]): Promise<void> {
    await Promise.all(
      objects.map(async ({ kind, metadata }) => {
        const where = ['-n', metadata.namespace ?? 'default'];
        if (kind === 'Deployment')
          await this.kubectl(...where, 'rollout', 'status', `deployment/${metadata.name}`, '--timeout=25s');
        if (kind === 'Pod')
          await this.kubectl(...where, 'wait', '--for=condition=Ready', `pod/${metadata.name}`, '--timeout=25s');
        if (kind === 'Job')
          await this.kubectl(...where, 'wait', '--for=condition=Complete', `job/${metadata.name}`, '--timeout=25s');
      }),
    );
  }

  nodeName(number: number): string {
    return `${this.prefix}-n${number}`;
  }

  nodeNumber(name: string): number {
    return Number(name.slice(`${this.prefix}-n`.length));
  }

  /** A command on a node, given by number or name; the command ends by itself after `seconds`. */
  node(which: number | string, command: string[], options: RunOptions = {}): Promise<Outcome> {
    const number = typeof which === 'number' ? which : this.nodeNumber(which);
    const seconds = options.seconds ?? 30;
    return this.attempt(['node', String(number), 'timeout', '-k', '1', String(seconds), ...command], {
      ...options,
      seconds: seconds + 5,
    });
  }

  async onNode(which: number | string, ...command: string[]): Promise<string> {
    const outcome = await this.node(which, command);
    if (outcome.exitCode !== 0)
      throw new Error(
        `node ${which}: ${command.join(' ').slice(0, 200)}: exit ${outcome.exitCode}: ${outcome.stderr.trim()}`,
      );
    return outcome.stdout.trim();
  }

  /**
   * What the nodes remember of TCP connections that nobody answered. Opened while the rules for Services were missing,
   * such an entry leads no connection from the same source port to a backend for two minutes after the rules are back
   * (nf_conntrack_tcp_timeout_syn_sent), and source ports come close to each other.
   */
  async forgetUnanswered(): Promise<void> {
    const forget = ['conntrack', '-D', '-p', 'tcp', '--state', 'SYN_SENT'];
    await Promise.all((await this.list('nodes')).map(({ metadata }) => this.node(metadata.name, forget)));
  }

  /** A command on the switch between the nodes. */
  phys(...command: string[]): Promise<string> {
    return this.run(['phys', ...command]);
  }

  /** A command on the workstation. */
  ws(command: string[], options?: RunOptions): Promise<Outcome> {
    return this.attempt(['ws', ...command], options);
  }

  async stop(which: number | string, component: string): Promise<void> {
    await this.run(['stop', String(typeof which === 'number' ? which : this.nodeNumber(which)), component]);
  }

  async start(which: number | string, component: string): Promise<void> {
    await this.run(['start', String(typeof which === 'number' ? which : this.nodeNumber(which)), component], {
      seconds: 45,
    });
  }

  /** A shell line inside a container. */
  exec(namespace: string, pod: string, line: string): Promise<string> {
    return this.kubectl('exec', '-n', namespace, pod, '--', 'sh', '-c', line);
  }

  /** The network of a Pod, entered from its node: needs no tool in the Pod, no debug container and no kubelet. */
  async from(namespace: string, pod: string): Promise<Vantage> {
    const [uid, node] = (await this.field('{.metadata.uid} {.spec.nodeName}', '-n', namespace, 'pod', pod)).split(' ');
    if (!uid || !node) throw new Error(`no Pod ${pod} in ${namespace} that runs on a node`);
    const run = (command: string[], options?: RunOptions) =>
      this.node(node, ['sh', '-c', ENTER, 'enter', uid, ...command], options);
    return {
      run,
      async fetch(url, times = 1, seconds = 1.5) {
        const outcome = await run(['sh', '-c', FETCH, 'fetch', url, String(seconds), String(times)], {
          seconds: 10 + seconds,
        });
        const fetches = outcome.stdout.split('\n~~').flatMap((block) => parseFetch(block));
        if (fetches.length !== times)
          throw new Error(`curl ${url} in ${pod}: ${outcome.stderr.trim() || outcome.stdout.trim()}`);
        return fetches;
      },
      async dig(name, ...options) {
        const outcome = await run(['dig', '+time=1', '+tries=1', ...options, name]);
        const status = /status: (\w+)/.exec(outcome.stdout)?.[1];
        if (!status)
          return `no answer: ${/^;; (communications error.*|.*timed out.*|no servers.*)$/m.exec(outcome.stdout)?.[1] ?? outcome.stderr.trim()}`;
        const answers = [...outcome.stdout.matchAll(/^[^;].*\sIN\s+A\s+(\S+)/gm)].map((match) => match[1]);
        return [status, ...answers].join(' ');
      },
    };
  }
}

function parseFetch(block: string): Fetch[] {
  const match = /^@ (\d+) (\d+) ([\d.]+) ([\d.]+)$/m.exec(block);
  if (!match) return [];
  const [, exit, status, connect, total] = match;
  const error = /curl: \(\d+\) (.*)/.exec(block)?.[1] ?? '';
  return [
    { exit: Number(exit), status: Number(status), connectSeconds: Number(connect), seconds: Number(total), error },
  ];
}

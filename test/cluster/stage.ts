/** A small shop of its own in the running lab, and the tool as its users run it. */
import { join } from 'node:path';
import { execa } from 'execa';

const ROOT = join(import.meta.dirname, '../..');
export const TOOL = join(ROOT, 'plugin/kubectl-netdebug');
const LAB = join(ROOT, 'test/lab/lab');

export interface Run {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** A command on the workstation, where KUBECONFIG and kubectl are. */
export async function workstation(command: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const started = performance.now();
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const { exitCode, stdout, stderr } = await execa(LAB, ['ws', 'env', ...words, ...command], {
    reject: false,
    timeout: 90_000,
  });
  return { exitCode, stdout, stderr, seconds: (performance.now() - started) / 1000 };
}

export function netdebug(...args: readonly string[]): Promise<Run> {
  return workstation([TOOL, ...args]);
}

export async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(LAB, ['kubectl', ...args]);
  return stdout;
}

export async function apply(...objects: readonly object[]): Promise<void> {
  await execa(LAB, ['kubectl', 'apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  });
}

/** Waits until a condition holds; fails with its name after 60 s. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`gave up waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Selects Pods that do not exist. A node goes on sending for a second or two; a run looks again until it has followed. */
export async function misselect(namespace: string, app: string): Promise<void> {
  await kubectl('-n', namespace, 'patch', 'service', 'api', '-p', JSON.stringify({ spec: { selector: { app } } }));
}

interface PodOptions {
  readonly labels?: Record<string, string>;
  readonly spec?: Record<string, unknown>;
}

export function pod(namespace: string, name: string, { labels = {}, spec = {} }: PodOptions = {}): object {
  const container = {
    name: 'app',
    image: 'localhost/app:1',
    imagePullPolicy: 'Never',
    ports: [{ name: 'http', containerPort: 8080 }],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { terminationGracePeriodSeconds: 0, containers: [container], ...spec },
  };
}

/** Namespace, Pod web, Pod api-0 behind Service api; ready when this returns. */
export async function stage(namespace: string): Promise<void> {
  await unstage(namespace);
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await apply(pod(namespace, 'web', { labels: { app: 'web' } }), pod(namespace, 'api-0', { labels: { app: 'api' } }), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api', namespace },
    spec: { selector: { app: 'api' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  });
  await kubectl('-n', namespace, 'wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
  await until('the Service has an endpoint', async () =>
    /true/.test(
      await kubectl(
        '-n',
        namespace,
        'get',
        'endpointslices',
        '-l',
        'kubernetes.io/service-name=api',
        '-o',
        'jsonpath={.items[*].endpoints[*].conditions.ready}',
      ),
    ),
  );
}

/** The lab's shop, with a source Pod that no debug container has been added to. It stays: CoreDNS would tell the address of a Service made anew too late. */
export async function freshShop(): Promise<void> {
  await kubectl('delete', 'pod', '-n', 'shop', 'web', '--ignore-not-found');
  await kubectl('apply', '-f', join(ROOT, 'test/lab/manifests/shop.yaml'));
  await kubectl('rollout', 'status', '-n', 'shop', 'deployment/api', '--timeout=60s');
  await kubectl('wait', '-n', 'shop', '--for=condition=Ready', 'pod/web', '--timeout=60s');
}

export async function unstage(namespace: string): Promise<void> {
  await execa(LAB, ['kubectl', 'delete', 'namespace', namespace, '--ignore-not-found', '--timeout=60s'], {
    reject: false,
  });
}

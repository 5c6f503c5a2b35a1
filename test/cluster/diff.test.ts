import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apply, misselect, netdebug, stage, unstage } from './stage.ts';

const NS = 'diffs';
let folder = '';
const file = (name: string): string => join(folder, `${name}.ndjson`);
const record = (name: string) => netdebug('-n', NS, 'web', 'api', '--yes', '-o', 'json', '--record', file(name));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netdebug-diff-'));
  await stage(NS);
  await record('first');
});
afterAll(async () => {
  await unstage(NS);
  await rm(folder, { recursive: true, force: true });
});

test('two runs one after the other: nothing that matters has changed, exit 0', async () => {
  await record('second');
  const run = await netdebug('diff', file('first'), file('second'));
  expect(run.stdout).toContain('Nothing that matters has changed: web reaches svc/api:80');
  expect(run.stdout).not.toMatch(/^(Rungs|Findings|On the path|Measured)$/m);
  expect(run.exitCode).toBe(0);
});

test('a selector that was changed: the Service, the slice, the rung and the finding, exit 1', async () => {
  await misselect(NS, 'apii');
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NS, labels: { team: 'shop' } } });
  await record('broken');
  const run = await netdebug('diff', file('first'), file('broken'));
  expect(run.stdout).toMatch(/^healthy → fault: .*\n/);
  expect(run.stdout).toMatch(/\n {2}~ E Endpoints: ok \(.*\) → faulty \(.*\)\n/);
  expect(run.stdout).toContain('  + selector-mismatch (cause, proven): ');
  expect(run.stdout).toContain(`  ~ Service ${NS}/api\n      spec.selector.app: api → apii\n`);
  expect(run.stdout).toContain(`  ~ Namespace ${NS}\n      metadata.labels.team: (none) → shop\n`);
  expect(run.stdout).toMatch(/~ Service api at [\d.]+:80: \d+ of \d+ connections work → 0 of \d+ connections work; /);
  expect(run.exitCode).toBe(1);
  const json = JSON.parse((await netdebug('diff', file('first'), file('broken'), '-o', 'json')).stdout);
  expect(json).toMatchObject({ differs: true, verdict: { before: 'healthy', after: 'fault' } });
});

test('a file that is no run, exit 2', async () => {
  const run = await netdebug('diff', file('first'), join(import.meta.dirname, 'stage.ts'));
  expect(run.stderr).toMatch(/stage\.ts is no run file: /);
  expect(run.exitCode).toBe(2);
});

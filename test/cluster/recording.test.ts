import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubectl, misselect, netdebug, stage, TOOL, unstage, workstation } from './stage.ts';

// CoreDNS remembers the answer for a name for half a minute: another one for every run.
const NS = `recording-${process.pid}`;
const LAB = join(import.meta.dirname, '../lab/lab');
const folder = mkdtempSync(join(tmpdir(), 'netdebug-recording-'));
const path = (name: string): string => join(folder, name);

/** Nothing to reach a cluster with. */
const replay = (file: string, ...flags: readonly string[]) =>
  workstation([TOOL, '--replay', file, ...flags], { KUBECONFIG: '/nowhere', HOME: folder });

const judgement = (text: string) => {
  const { verdict, findings, rungs } = JSON.parse(text);
  return { verdict, rungs, findings };
};

beforeAll(async () => {
  await stage(NS);
  await misselect(NS, 'apis');
});
afterAll(async () => {
  await unstage(NS);
  rmSync(folder, { recursive: true, force: true });
});

describe('a recorded run', () => {
  const file = path('run.ndjson');
  let said = '';

  test('says what it says without being recorded, and is there for the user alone', async () => {
    const run = await netdebug('-n', NS, 'web', 'api', '--access', 'source', '-o', 'json', '--record', file);
    expect(run.exitCode, run.stdout).toBe(1);
    said = run.stdout;
    expect(JSON.parse(said).findings[0]).toMatchObject({ id: 'selector-mismatch', confidence: 'proven' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is judged the same without cluster, credentials and network', async () => {
    const run = await replay(file, '-o', 'json');
    expect({ ...run, stdout: '', seconds: 0 }).toEqual({ exitCode: 1, stdout: '', stderr: '', seconds: 0 });
    expect(JSON.parse(run.stdout)).toEqual(JSON.parse(said));
  });

  test('is the same stream as -o ndjson, whose last line is the report', async () => {
    const run = await replay(file, '-o', 'ndjson');
    const lines = run.stdout.split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual(JSON.parse(said));
    writeFileSync(path('piped.ndjson'), `${run.stdout}\n`);
    expect(judgement((await replay(path('piped.ndjson'), '-o', 'json')).stdout)).toEqual(judgement(said));
  });

  test('never holds environment variables, annotations or tokens', () => {
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/"env"|"annotations"|serviceaccount|"managedFields"|Bearer/);
  });

  test('is not written over something that is no run', async () => {
    writeFileSync(path('diary.txt'), 'dear diary\n');
    const run = await netdebug('-n', NS, 'web', 'api', '--record', path('diary.txt'));
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(`--record ${path('diary.txt')}: that file is there already and is no recorded run`);
    expect(readFileSync(path('diary.txt'), 'utf8')).toBe('dear diary\n');
  });
});

test('a redacted run keeps the verdict and no name', async () => {
  const file = path('redacted.ndjson');
  const run = await netdebug('-n', NS, 'web', 'api', '--access', 'source', '-o', 'json', '--record', file, '--redact');
  expect(run.exitCode).toBe(1);
  const report = JSON.parse(run.stdout);
  expect(report.findings[0]).toMatchObject({ id: 'selector-mismatch', confidence: 'proven' });
  expect(run.stderr).toMatch(/^Redacted: \d+ words, \d+ addresses; \d+ raw outputs left out\./);
  expect(run.stderr).not.toContain('the rules see less');
  const pods = await kubectl(
    '-n',
    NS,
    'get',
    'pods',
    '-o',
    'jsonpath={.items[*].status.podIP} {.items[*].spec.nodeName}',
  );
  const service = await kubectl('-n', NS, 'get', 'service', 'api', '-o', 'jsonpath={.spec.clusterIP}');
  const uid = await kubectl('-n', NS, 'get', 'pod', 'web', '-o', 'jsonpath={.metadata.uid}');
  for (const text of [run.stdout, readFileSync(file, 'utf8')])
    for (const word of [NS, 'api-0', uid, service, ...pods.split(' ')]) expect(text).not.toContain(word);
  expect(judgement((await replay(file, '-o', 'json')).stdout)).toEqual(judgement(run.stdout));
});

test('runs that were killed at ten moments can be played up to there', async () => {
  const { seconds } = await netdebug('-n', NS, 'web', 'api', '--access', 'source');
  const verdicts: string[] = [];
  for (let moment = 1; moment <= 10; moment++) {
    const file = path(`killed-${moment}.ndjson`);
    await killedAfter((seconds * 1000 * moment) / 10, file);
    const run = await replay(file, '-o', 'json');
    if (run.exitCode === 2) {
      expect(run.stderr).toMatch(/there is no such file|is empty|ends before the run had looked up its names/);
      verdicts.push('nothing yet');
      continue;
    }
    expect(run.stderr).toBe('');
    const { verdict } = JSON.parse(run.stdout);
    // The Service has no backend: that is known from the first reads on.
    expect(['fault', 'inconclusive']).toContain(verdict);
    verdicts.push(verdict);
  }
  expect(verdicts.filter((verdict) => verdict !== 'nothing yet').length).toBeGreaterThanOrEqual(3);
});

/** Starts a run and kills it without warning. */
async function killedAfter(ms: number, file: string): Promise<void> {
  const command = ['-n', NS, 'web', 'api', '--access', 'source', '--record', file];
  const child = spawn(LAB, ['ws', 'sh', '-c', `exec "$0" "$@"`, TOOL, ...command], { stdio: 'ignore', detached: true });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  await new Promise((resolve) => setTimeout(resolve, ms));
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  await ended;
}

/** The archive for Linux as a user gets it: packed, installed by krew's rules, started by kubectl with no Node in reach. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complaints, type KrewManifest, krewInstall } from '../pack/krew.ts';
import { misselect, type Run, stage, unstage, workstation } from './stage.ts';

const NS = 'install';
const ROOT = join(import.meta.dirname, '../..');
const platform = `linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;

let folder = '';
let path = '';
let store = '';
let kubeconfig = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netdebug-install-'));
  const dist = join(folder, 'dist');
  await execa(process.execPath, ['plugin/pack.ts', '--only', platform, '--out', dist], { cwd: ROOT });
  const manifest = readFileSync(join(dist, 'netdebug.yaml'), 'utf8');
  expect(complaints('netdebug.yaml', manifest)).toEqual([]);
  const { spec } = load(manifest) as KrewManifest;
  const [{ bin, sha256 } = { bin: '', sha256: '' }] = spec.platforms;
  const sums = readFileSync(join(dist, 'SHA256SUMS'), 'utf8');
  expect(sums).toBe(`${sha256}  kubectl-netdebug-${platform}.tar.gz\n`);
  await execa('sha256sum', ['--check', 'SHA256SUMS'], { cwd: dist });

  const krew = join(folder, 'krew');
  const archive = readFileSync(join(dist, `kubectl-netdebug-${platform}.tar.gz`));
  const links = await krewInstall(krew, archive, { version: spec.version, bin });
  store = join(krew, 'store/netdebug', spec.version);
  const bins = join(folder, 'kubectl');
  mkdirSync(bins);
  symlinkSync((await workstation(['sh', '-c', 'command -v kubectl'])).stdout, join(bins, 'kubectl'));
  path = `${bins}:${links}`;
  kubeconfig = (await workstation(['printenv', 'KUBECONFIG'])).stdout;
  await stage(NS);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await unstage(NS);
});

/** On the workstation, with nothing in the environment but what a kubectl needs. */
function onlyKubectl(...args: readonly string[]): Promise<Run> {
  return workstation(['env', '-i', `PATH=${path}`, `KUBECONFIG=${kubeconfig}`, `HOME=${folder}`, 'kubectl', ...args]);
}

describe('the archive installed by krew', () => {
  test('brings the licences, and nothing that was left over', () => {
    expect(readdirSync(store).sort()).toEqual([
      'LICENSE',
      'LICENSE-node.txt',
      'THIRD-PARTY-LICENSES.txt',
      'kubectl-netdebug',
      'kubectl_complete-netdebug',
      'lib',
      'node',
    ]);
    expect(readdirSync(join(store, 'lib')).filter((file) => !file.endsWith('.mjs'))).toEqual([]);
    expect(readFileSync(join(store, 'LICENSE'), 'utf8')).toContain('Apache License');
    expect(readFileSync(join(store, 'LICENSE-node.txt'), 'utf8')).toContain('Its symbol table was removed');
  });

  test('is found by kubectl', async () => {
    const { stdout, exitCode } = await onlyKubectl('netdebug', '--version');
    expect([stdout, exitCode]).toEqual(['kubectl-netdebug 0.1.0', 0]);
  });

  test('names a fault, through kubectl and without a Node', async () => {
    await misselect(NS, 'apo');
    const { stdout, stderr, exitCode } = await onlyKubectl('netdebug', '-n', NS, 'web', 'api', '--yes', '-o', 'json');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 });
    const report = JSON.parse(stdout);
    expect(report.findings[0]).toMatchObject({ id: 'selector-mismatch', role: 'cause', confidence: 'proven' });
    expect(report.changes).toMatchObject([{ kind: 'EphemeralContainer', namespace: NS, in: 'Pod web' }]);
  });
});

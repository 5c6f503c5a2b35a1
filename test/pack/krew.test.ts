import { existsSync, mkdtempSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarGz } from '../../plugin/pack/archive.ts';
import { krewInstall } from './krew.ts';

describe("an installation by krew's rules", () => {
  const plugin = { version: 'v1.2.3', bin: 'kubectl-netdebug' };
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'netdebug-krew-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is a folder of the store and one link', async () => {
    const launcher = { path: 'kubectl-netdebug', contents: Buffer.from('#!/bin/sh'), executable: true };
    const archive = await tarGz([launcher, { path: 'lib/cli.mjs', contents: Buffer.from('') }], new Date(0));
    const links = await krewInstall(root, archive, plugin);
    expect(links).toBe(join(root, 'bin'));
    const store = join(root, 'store/netdebug/v1.2.3');
    expect(readlinkSync(join(links, 'kubectl-netdebug'))).toBe(join(store, 'kubectl-netdebug'));
    expect(statSync(join(store, 'kubectl-netdebug')).mode & 0o777).toBe(0o755);
    expect(existsSync(join(store, 'lib/cli.mjs'))).toBe(true);
  });

  it.each<[string, Parameters<ReturnType<typeof pack>['entry']>[0]]>([
    ['a symbolic link', { name: 'kubectl-netdebug', type: 'symlink', linkname: 'node' }],
    ['a hard link', { name: 'kubectl-netdebug', type: 'link', linkname: 'node' }],
    ['a way out', { name: 'lib/../../x' }],
    ['an absolute path', { name: '/etc/x' }],
    ['another file than bin', { name: 'other' }],
  ])('refuses %s', async (_, header) => {
    const tar = pack();
    tar.entry(header, '');
    tar.finalize();
    await expect(krewInstall(root, gzipSync(await buffer(tar)), plugin)).rejects.toThrow();
  });
});

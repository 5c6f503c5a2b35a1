import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.github/workflows');
const files = readdirSync(folder).filter((file) => file.endsWith('.yml'));
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';

describe.each(files)('.github/workflows/%s', (file) => {
  const text = readFileSync(join(folder, file), 'utf8');

  it('may read the repository and nothing else, unless one job says so', () => {
    expect((load(text) as { permissions?: unknown }).permissions).toEqual({ contents: 'read' });
  });

  it('names the actions of others by commit, or says why by tag', () => {
    const lines = text.split('\n');
    const loose = lines.filter((line, index) => {
      const [, action] = /^\s*(?:- )?uses: ([^\s#]+)/.exec(line) ?? [];
      if (action === undefined || action.startsWith('./')) return false;
      const isPinned = /@[0-9a-f]{40}$/.test(action) && /# v\d/.test(line);
      return !isPinned && !/# By tag: /.test(lines[index - 1] ?? '');
    });
    expect(loose).toEqual([]);
  });
});

describe('actionlint', () => {
  it('has nothing to say', { timeout: 180_000 }, ({ skip }) => {
    const installed = attempt('actionlint', []);
    // Through Go, which keeps what it has compiled once.
    const { error, status, stdout, stderr } = installed.error ? attempt('go', ['run', ACTIONLINT]) : installed;
    if (error !== undefined) skip('neither actionlint nor go is on PATH');
    if (status !== 0 && /dial tcp|no such host|proxyconnect|GOPROXY|module lookup disabled/.test(stderr))
      skip(`actionlint cannot be had here: ${stderr.trim().split('\n').at(-1)}`);
    // On stderr Go tells what it downloads.
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  function attempt(command: string, args: readonly string[]) {
    return spawnSync(command, [...args, ...files.map((file) => join('.github/workflows', file))], {
      cwd: root,
      encoding: 'utf8',
    });
  }
});

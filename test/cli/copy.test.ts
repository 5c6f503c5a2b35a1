import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { copy } from '../../src/cli/copy.ts';

describe('a command to the clipboard', () => {
  afterEach(() => vi.restoreAllMocks());

  it('goes to the terminal as OSC 52', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(copy('kubectl get pods', {})).toBe('Sent to the clipboard of this terminal; not every terminal takes it.');
    // printf 'kubectl get pods' | base64
    expect(write.mock.calls).toEqual([['\u001b]52;c;a3ViZWN0bCBnZXQgcG9kcw==\u0007']]);
  });

  it('goes through tmux where there is one, which else would keep it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netdebug-copy-'));
    const tmux = join(folder, 'tmux');
    writeFileSync(
      tmux,
      `#!/bin/sh\n{ echo "$@"; cat; } > "${folder}/out.new" && mv "${folder}/out.new" "${folder}/out"\n`,
    );
    chmodSync(tmux, 0o755);
    const path = process.env.PATH;
    process.env.PATH = `${folder}:${path}`;
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      expect(copy('kubectl get pods', { TMUX: '/tmp/tmux-0/default,1,0' })).toContain('prefix ]');
      let said = '';
      for (let tries = 0; tries < 200 && said === ''; tries++) {
        await wait(20);
        said = await Promise.resolve()
          .then(() => readFileSync(join(folder, 'out'), 'utf8'))
          .catch(() => '');
      }
      expect(said).toBe('load-buffer -w -\nkubectl get pods');
      expect(write).not.toHaveBeenCalled();
    } finally {
      process.env.PATH = path;
      rmSync(folder, { recursive: true });
    }
  });

  it('is no harm without tmux on PATH', async () => {
    const path = process.env.PATH;
    process.env.PATH = '';
    try {
      copy('kubectl get pods', { TMUX: '/tmp/tmux-0/default,1,0' });
      await wait(50);
    } finally {
      process.env.PATH = path;
    }
  });
});

import { expect } from 'vitest';
import type { Terminal } from './tmux.ts';

/** The shell has the terminal back as it was: its own screen, a cursor, and keys that are echoed. */
export async function expectLeftClean(terminal: Terminal): Promise<void> {
  await terminal.waitFor(/ready> *\s*$/);
  expect(await terminal.state()).toMatchObject({ isAlternate: false, hasCursor: true });
  const modes = (await terminal.ask('stty -a')).split(/[\s;]+/);
  expect(modes).toContain('echo');
  expect(modes).toContain('icanon');
  expect(modes).toContain('isig');
}

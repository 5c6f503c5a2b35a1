/** A run file judged at once, without showing anything. */
import type { Session } from '../session/session.ts';
import { Player } from './player.ts';
import type { RunFile } from './run-file.ts';

/** The session in which the recording ends. `resolving`: the recording ends before the names were looked up. */
export async function replayed(file: RunFile): Promise<Session> {
  const player = new Player({
    file,
    speed: Number.POSITIVE_INFINITY,
    onChange: () => undefined,
    pause: () => Promise.resolve(),
  });
  await player.start();
  return player.session;
}

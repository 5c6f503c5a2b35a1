import type { Session } from '../session/session.ts';
import { Runner, type RunnerOptions } from './runner.ts';

export interface OnceOptions extends Omit<RunnerOptions, 'shell' | 'onChange'> {
  /** The climb is judged with what is known after this long. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One flow from its names to its verdict, with nobody to ask. Aborted, it comes back as it stands. */
export async function runOnce({ timeoutMs, signal, ...options }: OnceOptions): Promise<Session> {
  let limit: NodeJS.Timeout | undefined;
  let quit = (): void => undefined;
  const last = await new Promise<Session>((resolve) => {
    const runner = new Runner({
      ...options,
      shell: () => Promise.reject(new Error('nobody is there to use a shell')),
      onChange: (session) => {
        if (session.phase === 'climbing')
          limit ??= setTimeout(
            () => runner.send({ type: 'time-is-up', atMs: runner.nowMs(), afterMs: timeoutMs }),
            timeoutMs,
          );
        if (session.phase === 'verdict' || session.phase === 'failed' || session.phase === 'ended') {
          resolve(session);
          // A run that has its verdict still listens to its containers; nobody listens to it any more.
          queueMicrotask(() => void runner.stop());
        }
      },
    });
    quit = () => runner.send({ type: 'quit', atMs: runner.nowMs() });
    signal.addEventListener('abort', quit);
    if (signal.aborted) quit();
    else void runner.start();
  });
  clearTimeout(limit);
  signal.removeEventListener('abort', quit);
  return last;
}

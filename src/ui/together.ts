/**
 * Calls what comes close together once: at once after a rest, else when `everyMs` have passed since the last call. Of a burst
 * of results that end within a tenth of a second one frame shows all, and drawing costs more than judging.
 *
 * @returns asks for a call; an urgent one happens now, and takes what was waiting with it
 */
export function together(
  call: () => void,
  { everyMs, nowMs = () => performance.now() }: { readonly everyMs: number; readonly nowMs?: () => number },
): (how: { readonly isUrgent: boolean }) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let waiting: NodeJS.Timeout | null = null;
  const now = (): void => {
    if (waiting !== null) clearTimeout(waiting);
    waiting = null;
    lastMs = nowMs();
    call();
  };
  return ({ isUrgent }) => {
    const restMs = lastMs + everyMs - nowMs();
    if (isUrgent || restMs <= 0) now();
    else waiting ??= setTimeout(now, restMs);
  };
}

/** Ctrl-Z: stops the process, as a shell's job, and comes back when it is continued. The terminal must have been given back. */
export async function untilContinued(): Promise<void> {
  // Without the terminal nothing else keeps the process: it would end as it is continued, before it hears of that.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    process.once('SIGCONT', () => resolve());
    // The whole job, kubectl included where it has not made room for us.
    process.kill(0, 'SIGTSTP');
  });
  clearInterval(alive);
}

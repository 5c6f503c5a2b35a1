/** One run: what was typed is on the screen before the rest of the program is loaded. */
import { ENDING_SIGNALS, findTerminal, holdScreen } from '../adapters/terminal.ts';
import { cleanAll } from '../report/clean.ts';
import { frameRows } from '../ui/frame-rows.ts';
import { resolvingView } from '../ui/resolving.ts';
import type { Root } from '../ui/root.tsx';
import { themeFor } from '../ui/theme.ts';
import { type Arguments, UsageError } from './args.ts';
import { EXIT } from './exit-code.ts';
import type { WizardOptions } from './wizard.ts';

/** @returns the exit code; everything has been printed */
export async function run(args: Arguments): Promise<number> {
  const [source, destination, ...more] = args.positionals;
  if (more.length > 0)
    throw new UsageError(`One source and one destination are asked about at a time; "${more.join(' ')}" is left over.`);
  if (args.watch && !hasScreen(args))
    throw new UsageError('--watch shows a screen that changes; there is none here.', [
      'kubectl netdebug check -f flows.yaml -o json',
    ]);
  if (source === undefined || destination === undefined) {
    if (!hasScreen(args))
      throw new UsageError(
        source === undefined ? 'Say which Pod cannot reach what.' : `Say what ${source} should reach.`,
        [`kubectl netdebug ${source ?? 'POD'} SERVICE`, 'kubectl get pods,services'],
      );
    return onScreen(args, { source: source ?? '?', destination: '?' }, (root) =>
      choose(args, { source: source ?? null, destination: null }, root),
    );
  }
  return onScreen(args, { source, destination }, async (root) => {
    const { live } = await import('./live.ts');
    const ended = await live(args, { source, destination }, root);
    if (typeof ended === 'number') return ended;
    return choose(args, { source: ended.isBack ? source : null, destination: null }, root);
  });
}

async function choose(args: Arguments, options: WizardOptions, root: Root | null): Promise<number> {
  if (root === null) throw new Error('nobody can be asked without a screen');
  const { wizard } = await import('./wizard.ts');
  return wizard(args, options, root);
}

function hasScreen(args: Arguments): boolean {
  return findTerminal({ color: args.color, plain: args.plain }).interactive && args.output === null;
}

/**
 * Opens the screen where there is one, lets `work` go on behind it, and gives the terminal back whatever happens.
 *
 * @returns the exit code of `work`, or that of an interrupt when the person leaves before it
 */
export async function onScreen(
  args: Arguments,
  wanted: { readonly source: string; readonly destination: string },
  work: (root: Root | null) => Promise<number>,
): Promise<number> {
  const terminal = findTerminal({ color: args.color, plain: args.plain });
  if (!hasScreen(args)) return work(null);
  // Ink's colours know FORCE_COLOR only, and read it while they are loaded.
  if (!terminal.color) process.env.FORCE_COLOR = '0';
  const theme = themeFor({ ...terminal, spoken: args.screenReader });
  const size = { columns: process.stdout.columns, rows: process.stdout.rows };
  const view = resolvingView(cleanAll(wanted), theme);
  let leave: () => void = () => undefined;
  const left = new Promise<number>((resolve) => {
    leave = () => resolve(EXIT.interrupted);
  });
  const picture = frameRows({ size, theme, ...view, screen: 'resolving' }).join('\n');
  // Who listens keeps the lines of the shell, and hears what comes as it comes.
  const held = args.screenReader ? null : holdScreen(picture, { onLeave: leave, isTyping: wanted.destination === '?' });
  let isLeft = false;
  void left.then(() => {
    isLeft = true;
  });
  for (const signal of ENDING_SIGNALS) process.on(signal, leave);
  // Whatever is shown next reads keys itself, and has handlers of its own.
  const onShow = (): void => {
    held?.release();
    for (const signal of ENDING_SIGNALS) process.off(signal, leave);
  };
  const opened = import('../ui/root.tsx').then(({ openRoot }) =>
    openRoot({ wanted, theme, onShow, isSpoken: args.screenReader }),
  );
  try {
    return await Promise.race([left, opened.then((root) => (isLeft ? left : work(root)))]);
  } finally {
    // Loading cannot be broken off, and is soon over. What draws by then must not do so on the screen of the shell.
    const root = await opened.catch(() => null);
    await root?.close();
    held?.restore({ isDrawnOn: root !== null });
  }
}

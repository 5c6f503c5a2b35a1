/** One run: what was typed is on the screen before the rest of the program is loaded. */
import { findTerminal } from '../adapters/terminal.ts';
import type { Root } from '../ui/root.tsx';
import { type Arguments, UsageError } from './args.ts';
import { EXIT } from './exit-code.ts';
import type { WizardOptions } from './wizard.ts';

/** @returns the exit code; everything has been printed */
export async function run(args: Arguments): Promise<number> {
  const [source, destination, ...more] = args.positionals;
  if (more.length > 0)
    throw new UsageError(`One source and one destination are asked about at a time; "${more.join(' ')}" is left over.`);
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
  const { openRoot } = await import('../ui/root.tsx');
  let leave: () => void = () => undefined;
  const left = new Promise<number>((resolve) => {
    leave = () => resolve(EXIT.interrupted);
  });
  const root = await openRoot({ wanted, dark: terminal.dark, unicode: terminal.unicode, onLeave: () => leave() });
  try {
    return await Promise.race([left, work(root)]);
  } finally {
    await root.close();
  }
}

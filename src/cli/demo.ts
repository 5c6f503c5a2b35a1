/** `demo [NAME]`: an incident that was recorded on a real cluster, played as if it happened now. Needs no cluster. */
import { brotliDecompressSync } from 'node:zlib';
import { recordings } from 'virtual:demo-recordings';
import { findTerminal } from '../adapters/terminal.ts';
import { STORIES, type Story } from '../demo/stories.ts';
import { nearNames } from '../derive/names.ts';
import { readRunFile } from '../recording/run-file.ts';
import type { Left } from '../ui/menu.tsx';
import { type Arguments, UsageError } from './args.ts';
import { EXIT } from './exit-code.ts';
import { play } from './replay.ts';

/** @returns the exit code: 0 whatever the incident, because it is not the user's. @throws {UsageError} for an unknown name */
export async function demo(args: Arguments): Promise<number> {
  const [, name, ...more] = args.positionals;
  if (more.length > 0)
    throw new UsageError(`One incident at a time; "${more.join(' ')}" is left over.`, [
      `kubectl netdebug demo ${name}`,
    ]);
  if (name !== undefined) return show(args, storyOf(name));
  const terminal = findTerminal({ color: args.color, plain: args.plain });
  const [first] = STORIES;
  if (first === undefined) return EXIT.healthy;
  if (!terminal.interactive || args.output !== null) {
    // Data goes to standard output alone.
    (args.output === null ? process.stdout : process.stderr).write(`${listed()}\nThis is ${first.name}:\n\n`);
    return show(args, first);
  }
  if (!terminal.color) process.env.FORCE_COLOR = '0';
  const { chooseStory } = await import('../ui/menu.tsx');
  for (let last: string | null = null; ; ) {
    const chosen: Story | Left = await chooseStory(STORIES, last, { ...terminal, spoken: args.screenReader });
    if (chosen === 'quit') return EXIT.healthy;
    if (chosen === 'interrupted') return EXIT.interrupted;
    last = chosen.name;
    if ((await show(args, chosen)) === EXIT.interrupted) return EXIT.interrupted;
  }
}

async function show(args: Arguments, { name }: Story): Promise<number> {
  const packed = recordings[name];
  if (packed === undefined) throw new Error(`the recording ${name} is not in this build`);
  const text = brotliDecompressSync(Buffer.from(packed, 'base64')).toString('utf8');
  const code = await play(args, readRunFile(text, `demo ${name}`));
  return code === EXIT.interrupted ? code : EXIT.healthy;
}

function storyOf(name: string): Story {
  const story = STORIES.find((one) => one.name === name);
  if (story !== undefined) return story;
  const near = nearNames(
    name,
    STORIES.map((one) => one.name),
  );
  throw new UsageError(
    `There is no incident ${name}${near.length === 0 ? '' : `; the closest ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}`}.`,
    near.length === 0 ? ['kubectl netdebug demo'] : near.map((one) => `kubectl netdebug demo ${one}`),
  );
}

function listed(): string {
  const width = Math.max(...STORIES.map(({ name }) => name.length));
  return `Recorded incidents, kubectl netdebug demo NAME:\n${STORIES.map(({ name, story }) => `  ${name.padEnd(width)}  ${story}\n`).join('')}`;
}

/** `--save-check FILE`: what a run has found becomes a flow of a file for `check`. */
import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { appendFlow, foundFlow, sameFlow } from '../check/append.ts';
import { problemLines } from '../check/lines.ts';
import { parseChecks } from '../check/parse.ts';
import { shellWord } from '../probes/probe.ts';
import type { Report } from '../report/report.ts';
import { RULES } from '../rules/index.ts';
import type { Wanted } from '../target/resolve.ts';
import { UsageError } from './args.ts';

const IDS = RULES.map(({ id }) => id);

/**
 * Looks at the file before anything is measured.
 *
 * @returns adds the flow of a run and says on stderr what it did
 * @throws {UsageError} when the file is there and is no file of checks, or cannot be read
 */
export async function openChecks(file: string): Promise<(wanted: Wanted, report: Report) => Promise<void>> {
  const { text } = await readChecks(file);
  await access(text === null ? dirname(file) : file, constants.W_OK).catch((error: Error) => {
    throw new UsageError(`--save-check ${file}: it cannot be written: ${error.message}.`);
  });
  return async (wanted, report) => void process.stderr.write(`${await add(file, wanted, report)}\n`);
}

async function add(file: string, wanted: Wanted, report: Report): Promise<string> {
  const flow = foundFlow(wanted, report, IDS);
  if (flow === null) return `Nothing was added to ${file}: the run is inconclusive, so nothing can be expected of it.`;
  // It may have been edited while the run went on.
  const { text, flows } = await readChecks(file);
  const same = sameFlow(flow, flows);
  if (same !== null) return `Nothing was added to ${file}: line ${same.at.line} has this flow already.`;
  await writeFile(file, appendFlow(text, flow));
  const because = flow.because === undefined ? '' : ` because of ${[flow.because].flat().join(' and ')}`;
  return `Added to ${file}: ${flow.from} to ${flow.to}, expected ${flow.expect}${because}. To check it: kubectl netdebug check -f ${shellWord(file)}`;
}

async function readChecks(file: string) {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { text: null, flows: [] };
    throw new UsageError(`--save-check ${file}: it cannot be read: ${message}.`);
  }
  if (text.trim() === '') return { text: null, flows: [] };
  const parsed = parseChecks(text, file, IDS);
  if (parsed.ok) return { text, flows: parsed.flows };
  throw new UsageError(
    `--save-check ${file}: it is no file of checks, and stays as it is.\n${problemLines(parsed.problems).trimEnd()}`,
  );
}

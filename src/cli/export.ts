import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { render } from '../report/outputs.ts';
import type { TextOptions } from '../report/text.ts';
import type { ExportForm } from '../ui/ExportScreen.tsx';
import type { FinishedRun } from './run-log.ts';

const ENDINGS: Readonly<Record<ExportForm, string>> = { html: 'html', markdown: 'md', json: 'json' };
/** A name that is taken gets a number; nobody has more reports than that of one minute. */
const MOST_TRIES = 100;

/**
 * Writes a report into the current folder, never over another file.
 *
 * @returns the path of the file
 * @throws {Error} with the reason when the folder cannot be written
 */
export async function writeExport(form: ExportForm, run: FinishedRun, options: TextOptions): Promise<string> {
  const text = await render(form, run, options);
  const { source, destination } = run.report.flow;
  const time = run.report.startedAt.slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
  const base = `netdebug-${source.name}-${destination.name}-${time}`.replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  for (let number = 1; number <= MOST_TRIES; number++) {
    const path = resolve(`${base}${number === 1 ? '' : `-${number}`}.${ENDINGS[form]}`);
    try {
      writeFileSync(path, text, { flag: 'wx' });
      return path;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new Error(`${path} cannot be written: ${message.replace(/, open .*$/, '')}.`);
    }
  }
  throw new Error(`There are ${MOST_TRIES} files called ${base} already.`);
}

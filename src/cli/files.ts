import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { nearNames } from '../derive/names.ts';
import { UsageError } from './args.ts';

/**
 * The text of a file that was named on the command line; `-` is standard input.
 *
 * @param howToMake  a command that makes such a file, for one that is not there
 * @throws {UsageError} for a file that cannot be read, with the nearest names in its folder
 */
export async function readNamed(file: string, howToMake: string): Promise<string> {
  if (file === '-') return standardInput();
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder; name the files in it.`);
    if (code !== 'ENOENT') throw new UsageError(`${file} cannot be read: ${message}.`);
    const near = nearNames(basename(file), await readdir(dirname(file)).catch(() => []));
    throw new UsageError(
      `There is no file ${file}${near.length === 0 ? '' : `; the closest ${near.length === 1 ? 'name is' : 'names are'} ${near.join(', ')}`}.`,
      [howToMake],
    );
  }
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

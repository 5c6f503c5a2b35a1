import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'postject';
import { withoutSignature } from './executables.ts';
import type { NodeBinary } from './node-binary.ts';

/** Where Node looks whether something was put into it. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * One .exe of Node and the program: krew starts nothing else on Windows, neither a script nor a .cmd.
 *
 * @param program  one file in CommonJS
 * @throws {Error} when Node is of another version than the one that packs: it would not start what that one prepared
 * @see https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html
 */
export async function windowsExe({ binary, version }: NodeBinary, program: Uint8Array): Promise<Buffer> {
  if (version !== process.versions.node)
    throw new Error(
      `Node ${version} for Windows has to be packed with the same version; this is ${process.versions.node}.`,
    );
  const folder = await mkdtemp(join(tmpdir(), 'netdebug-pack-'));
  try {
    const exe = join(folder, 'netdebug.exe');
    await writeFile(join(folder, 'cli.cjs'), program);
    const settings = {
      // Its name becomes a part of the executable: without the folder, which has another name in every run.
      main: 'cli.cjs',
      output: 'cli.blob',
      disableExperimentalSEAWarning: true,
      useCodeCache: false, // it would be one of this platform
      execArgvExtension: 'none', // NODE_OPTIONS are meant for others
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(settings));
    await promisify(execFile)(process.execPath, ['--experimental-sea-config', 'config.json'], { cwd: folder });
    await writeFile(exe, withoutSignature(binary));
    await inject(exe, 'NODE_SEA_BLOB', await readFile(join(folder, 'cli.blob')), { sentinelFuse: FUSE });
    return await readFile(exe);
  } finally {
    await rm(folder, { recursive: true });
  }
}

import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'esbuild';

/** `virtual:demo-recordings`: every run file under `folder`, compressed with Brotli, by name. Declared in virtual.d.ts. */
export function demoRecordings(folder: string): Plugin {
  return {
    name: 'demo-recordings',
    setup(build) {
      build.onResolve({ filter: /^virtual:demo-recordings$/ }, ({ path }) => ({ path, namespace: 'demo-recordings' }));
      build.onLoad({ filter: /.*/, namespace: 'demo-recordings' }, async () => ({
        contents: await demoRecordingsModule(folder),
        loader: 'js',
        watchDirs: [folder],
      }));
    },
  };
}

/** The source of the module. One chunk, also inside a single executable: nothing has to be found on the disk. */
export async function demoRecordingsModule(folder: string): Promise<string> {
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.ndjson')).sort();
  const entries = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file));
      const packed = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } });
      return `${JSON.stringify(basename(file, '.ndjson'))}: ${JSON.stringify(packed.toString('base64'))},`;
    }),
  );
  return `export const recordings = {${entries.join('\n')}};\n`;
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { overBudget, slowStarts } from './chunks.ts';
import { lazyBuiltins } from './lazy-builtins.ts';
import { lightKubeClient } from './light-kube-client.ts';
import { lightStringWidth } from './light-string-width.ts';
import { noDevtools } from './no-devtools.ts';
import { demoRecordings } from './recordings.ts';
import { ruleNeeds } from './rule-needs.ts';
import { rulePages } from './rule-pages.ts';
import { steadyInk } from './steady-ink.ts';
import { syncYoga } from './sync-yoga.ts';

const root = join(import.meta.dirname, '../..');

export interface Bundle {
  /** By name, such as `cli.mjs`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: esbuild.Metafile;
}

/**
 * Bundles src/main.ts: as ES modules in chunks, which is what is started, or as one file in CommonJS, which is all that Node
 * can start from within an executable. Prints warnings; ends the process with what is wrong when there is no bundle.
 */
export async function bundle(form: 'chunks' | 'one-file'): Promise<Bundle> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const inChunks = form === 'chunks';
  const { metafile, warnings, outputFiles } = await esbuild
    .build({
      absWorkingDir: root,
      entryPoints: { cli: 'src/main.ts' },
      outdir: 'plugin/lib',
      write: false,
      bundle: true,
      platform: 'node',
      target: 'node22.19',
      minify: true,
      legalComments: 'none', // they are in THIRD-PARTY-LICENSES.txt
      jsx: 'automatic',
      loader: { '.md': 'text' },
      lineLimit: 160, // an uncaught error prints the line it comes from
      define: { __VERSION__: JSON.stringify(version), 'process.env.NODE_ENV': '"production"' },
      plugins: [
        syncYoga,
        lazyBuiltins,
        lightStringWidth,
        noDevtools,
        steadyInk,
        lightKubeClient,
        ruleNeeds,
        rulePages(join(root, 'src/rules')),
        demoRecordings(join(root, 'src/demo/recordings')),
      ],
      metafile: true,
      logLevel: 'silent', // which onEnd errors would bypass
      format: inChunks ? 'esm' : 'cjs',
      splitting: inChunks,
      chunkNames: '[name]-[hash]',
      outExtension: { '.js': inChunks ? '.mjs' : '.cjs' },
      // Packages in CommonJS call require() for Node's own modules, and for packages that need not be there.
      banner: inChunks
        ? {
            js: "const require=name=>{const found=process.getBuiltinModule(name);if(!found)throw Error('not bundled: '+name);return found};",
          }
        : {},
    })
    .catch(async ({ errors }: esbuild.BuildFailure) => {
      await print(errors, 'error');
      process.exit(1);
    });
  await print(warnings, 'warning');

  const problems = inChunks ? [...slowStarts(metafile, 'src/main.ts'), ...overBudget(metafile)] : [];
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exit(1);
  }
  const lib = join(root, 'plugin/lib/');
  return { files: new Map(outputFiles.map(({ path, contents }) => [path.slice(lib.length), contents])), metafile };
}

async function print(messages: esbuild.Message[], kind: 'error' | 'warning'): Promise<void> {
  const texts = await esbuild.formatMessages(messages, { kind, color: process.stderr.isTTY });
  process.stderr.write(texts.join(''));
}

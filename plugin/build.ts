// Bundles src/main.ts into plugin/lib, which plugin/kubectl-netdebug starts. `npm run build`.
import { readFile, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as esbuild from 'esbuild';
import { overBudget, slowStarts } from './build/chunks.ts';
import { lazyBuiltins } from './build/lazy-builtins.ts';
import { lightKubeClient } from './build/light-kube-client.ts';
import { lightStringWidth } from './build/light-string-width.ts';
import { noDevtools } from './build/no-devtools.ts';
import { demoRecordings } from './build/recordings.ts';
import { rulePages } from './build/rule-pages.ts';
import { syncYoga } from './build/sync-yoga.ts';

const root = join(import.meta.dirname, '..');
const lib = join(root, 'plugin/lib');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };

// Chunks have a hash in their name: without this, old ones would stay and be shipped.
await rm(lib, { recursive: true, force: true });

const { metafile, warnings } = await esbuild
  .build({
    absWorkingDir: root,
    entryPoints: { cli: 'src/main.ts' },
    outdir: 'plugin/lib',
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    minify: true,
    legalComments: 'none',
    jsx: 'automatic',
    loader: { '.md': 'text' },
    lineLimit: 160, // an uncaught error prints the line it comes from
    define: { __VERSION__: JSON.stringify(version), 'process.env.NODE_ENV': '"production"' },
    // Packages in CommonJS call require() for Node's own modules, and for packages that need not be there.
    banner: {
      js: "const require=name=>{const found=process.getBuiltinModule(name);if(!found)throw Error('not bundled: '+name);return found};",
    },
    plugins: [
      syncYoga,
      lazyBuiltins,
      lightStringWidth,
      noDevtools,
      lightKubeClient,
      rulePages(join(root, 'src/rules')),
      demoRecordings(join(root, 'src/demo/recordings')),
    ],
    metafile: true,
    logLevel: 'silent', // which onEnd errors would bypass
  })
  .catch(async ({ errors }: esbuild.BuildFailure) => {
    await print(errors, 'error');
    process.exit(1);
  });

await print(warnings, 'warning');

const problems = [...slowStarts(metafile, 'src/main.ts'), ...overBudget(metafile)];
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}

const entry = await stat(join(lib, 'cli.mjs'));
const all = Object.values(metafile.outputs).reduce((bytes, output) => bytes + output.bytes, 0);
console.log(`${relative(root, lib)}/cli.mjs ${kilobytes(entry.size)}, all chunks ${kilobytes(all)}`);

async function print(messages: esbuild.Message[], kind: 'error' | 'warning'): Promise<void> {
  const texts = await esbuild.formatMessages(messages, { kind, color: process.stderr.isTTY });
  process.stderr.write(texts.join(''));
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { pathEndsWith, rewriteFile } from './rewrite.ts';

const BINARY = 'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js';
const DATA_URL = /(?<=H="data:application\/octet-stream;base64,)[A-Za-z0-9+/=]+(?=")/;

/**
 * Instantiates yoga's WebAssembly synchronously. As published it awaits `fetch` on a `data:` URL at the top level, which
 * loads Node's whole HTTP client before the first frame: 40 ms and 15 MB.
 */
export const syncYoga: Plugin = {
  name: 'sync-yoga',
  setup(build) {
    rewriteFile(build, {
      packageName: 'yoga-layout',
      file: 'dist/src/index.js',
      rewrites: [
        {
          find: 'const Yoga = wrapAssembly(await loadYoga());',
          use: `
import wasm from 'yoga.wasm';
const assembly = {
  instantiateWasm(imports, receive) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), imports);
    receive(instance);
    return instance.exports;
  },
};
loadYoga(assembly);
const Yoga = wrapAssembly(assembly);`,
        },
      ],
    });

    build.onResolve({ filter: /^yoga\.wasm$/ }, ({ importer }) => ({
      path: join(dirname(importer), '../binaries/yoga-wasm-base64-esm.js'),
      namespace: 'yoga-wasm',
    }));
    build.onLoad({ filter: /.*/, namespace: 'yoga-wasm' }, async ({ path }) => {
      const [base64] = DATA_URL.exec(await readFile(path, 'utf8')) ?? [];
      if (base64 === undefined) return { errors: [{ text: `${path} holds no WebAssembly as a data URL any more.` }] };
      return { contents: Buffer.from(base64, 'base64'), loader: 'binary' };
    });
    // The WebAssembly is bundled as bytes above; its text form would be 88 KB more to read and never used.
    build.onLoad({ filter: pathEndsWith(`node_modules/${BINARY}`) }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes('if(h.instantiateWasm)'))
        return { errors: [{ text: `${BINARY} has no instantiateWasm hook any more.` }] };
      return { contents: source.replace(DATA_URL, ''), loader: 'js' };
    });
  },
};

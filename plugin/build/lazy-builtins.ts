import type { Plugin } from 'esbuild';

/** Node's own modules that a start does not need, or needs a small part of. */
const LAZY = [
  'assert',
  'child_process',
  'crypto',
  'fs',
  'http',
  'https',
  'net',
  'os',
  'tls',
  'url',
  'util',
  'vm',
  'zlib',
];

/**
 * Takes Node's own modules as objects instead of as ES modules, and loads them when something of them is first used.
 *
 * As an ES module Node loads it at once and reads every export once, also the getters: `WebSocket` of node:http loads
 * the undici that is built into Node, `parseArgs` and others of node:util load worker_threads, `promises` of node:fs
 * loads readline (lib/internal/bootstrap/realm.js of Node 24). That, and the TLS and HTTP that nobody needs before the
 * first frame, is about half of the time to it.
 */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(node:)?(${[...LAZY, 'process'].join('|')})$`) }, ({ path, kind }) =>
      kind === 'import-statement' || kind === 'require-call'
        ? { path: path.replace(/^(node:)?/, 'node:'), namespace: 'lazy-builtins' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'lazy-builtins' }, ({ path }) => ({ contents: moduleOf(path) }));
  },
};

/** CommonJS, of which a bundler reads a property where the property is used. */
function moduleOf(path: string): string {
  const load = `process.getBuiltinModule(${JSON.stringify(path)})`;
  // Always there, and others set properties of it.
  if (path === 'node:process') return 'module.exports = process;';
  const names = Object.getOwnPropertyNames(process.getBuiltinModule(path)).filter((name) => name !== 'default');
  return `let loaded;
for (const name of ${JSON.stringify(names)})
  Object.defineProperty(exports, name, { enumerable: true, get: () => (loaded ??= ${load})[name] });`;
}

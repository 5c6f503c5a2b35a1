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

/** Packages for proxies, loaded on demand only. They extend classes of these modules, which would load them for everybody. */
const LATE = /node_modules[\\/](agent-base|hpagent|socks-proxy-agent|socks)[\\/]/;

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
    build.onResolve(
      { filter: new RegExp(`^(node:)?(${[...LAZY, 'process'].join('|')})$`) },
      ({ path, kind, importer }) => {
        if (LATE.test(importer)) return undefined;
        const name = path.replace(/^(node:)?/, 'node:');
        if (kind === 'import-statement') return { path: name, namespace: 'lazy-builtins', sideEffects: false };
        return kind === 'require-call' ? { path: name, namespace: 'lazy-require' } : undefined;
      },
    );
    build.onLoad({ filter: /.*/, namespace: 'lazy-builtins' }, ({ path }) => ({ contents: importedModule(path) }));
    build.onLoad({ filter: /.*/, namespace: 'lazy-require' }, ({ path }) => ({
      contents: `module.exports = ${lazyObject(path)};`,
    }));
  },
};

/**
 * A default export with everything, the functions by name, and all else by name. A class or a constant that is imported
 * by name is read at once, as it has to be; what nobody imports is left out.
 */
function importedModule(path: string): string {
  const exports = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(path) as object))
    .filter(([name]) => /^[A-Za-z]\w*$/.test(name) && name !== 'default')
    .map(([name, { value }]) =>
      typeof value === 'function' && /^[a-z]/.test(name)
        ? `export function ${name}(...args) { return $all.${name}(...args); }`
        : `export const ${name} = /* @__PURE__ */ $read(${JSON.stringify(name)});`,
    );
  return `const $all = ${lazyObject(path)};
export default $all;
const $read = (name) => $all[name];
${exports.join('\n')}`;
}

/** Of `process` others set properties, and it is always there. node:assert can be called as well. */
function lazyObject(path: string): string {
  if (path === 'node:process') return 'globalThis.process';
  const load = `process.getBuiltinModule(${JSON.stringify(path)})`;
  return `/* @__PURE__ */ new Proxy(() => {}, { get: (_, name) => ${load}[name], apply: (_, self, args) => ${load}(...args) })`;
}

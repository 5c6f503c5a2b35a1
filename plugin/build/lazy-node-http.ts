import type { Plugin } from 'esbuild';

/**
 * Takes node:http as an object instead of as an ES module. As a module Node reads every export of it once, also the
 * getters `WebSocket`, `CloseEvent` and `MessageEvent`, and those load the undici that is built into Node: 50 ms for
 * nothing (lib/http.js and lib/internal/bootstrap/realm.js of Node 24).
 */
export const lazyNodeHttp: Plugin = {
  name: 'lazy-node-http',
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'node:http', namespace: 'lazy-node-http' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'lazy-node-http' }, () => ({
      contents: "module.exports = process.getBuiltinModule('node:http');",
    }));
  },
};

import type { Plugin } from 'esbuild';
import { rewriteFile } from './rewrite.ts';

const IS_DEVELOPMENT = "if (process.env['DEV'] === 'true') {";

/**
 * Takes Ink's development mode out. A user whose environment has `DEV=true` would get other behaviour, and what belongs
 * to it awaits at the top level and imports react-devtools-core, which is not installed. A `define` does not reach it:
 * Ink imports `process`.
 */
export const noDevtools: Plugin = {
  name: 'no-devtools',
  setup(build) {
    rewriteFile(build, {
      packageName: 'ink',
      file: 'build/reconciler.js',
      rewrites: [
        {
          find: `${IS_DEVELOPMENT}\n    // Intentionally no warning`,
          use: 'if (false) {\n    // Intentionally no warning',
        },
        { find: `${IS_DEVELOPMENT}\n    try {`, use: 'if (false) {\n    try {' },
      ],
    });
    rewriteFile(build, {
      packageName: 'ink',
      file: 'build/ink.js',
      rewrites: [{ find: IS_DEVELOPMENT, use: 'if (false) {' }],
    });
  },
};

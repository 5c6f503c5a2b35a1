import type { Plugin } from 'esbuild';
import { rewriteFile } from './rewrite.ts';

/** Texts whose characters are remembered; a screen has some hundred pieces. */
const MOST_REMEMBERED = 5000;

/**
 * Has Ink remember from frame to frame what the characters and widths of a piece of text are. It takes every piece apart
 * again for each frame, also when all that has changed is one spinner, and that is most of what a frame costs.
 */
export const steadyInk: Plugin = {
  name: 'steady-ink',
  setup(build) {
    rewriteFile(build, {
      packageName: 'ink',
      file: 'build/output.js',
      rewrites: [
        {
          find: 'export default class Output {',
          use: `let remembered = new OutputCaches();
const remember = () => {
    if (remembered.styledChars.size + remembered.widths.size > ${MOST_REMEMBERED})
        remembered = new OutputCaches();
    return remembered;
};
export default class Output {`,
        },
        { find: '    caches = new OutputCaches();', use: '    caches = remember();' },
      ],
    });
  },
};

import type { Plugin } from 'esbuild';
import { rewriteFile } from './rewrite.ts';

/**
 * Characters that are one column wide whatever stands beside them: printable ASCII, Latin-1 without the soft hyphen,
 * dashes and quotes, arrows, mathematical operators, box drawing, blocks, shapes without the two that are emoji,
 * warning sign, check marks and crosses, the pointer, braille (spinners).
 */
export const ONE_COLUMN =
  '\\u0020-\\u007E\\u00A0-\\u00AC\\u00AE-\\u00FF\\u2010-\\u2027\\u2190-\\u21FF\\u2200-\\u22FF' +
  '\\u2500-\\u25FC\\u25FF\\u26A0\\u2713-\\u2718\\u276F\\u2800-\\u28FF';

/**
 * Keeps string-width from compiling its emoji expression, about 35 ms, when a screen has box drawing and arrows but no
 * emoji: the expression is built at its first use, and the fast path covers {@link ONE_COLUMN}.
 */
export const lightStringWidth: Plugin = {
  name: 'light-string-width',
  setup(build) {
    rewriteFile(build, {
      packageName: 'string-width',
      file: 'index.js',
      rewrites: [
        { find: 'const segmenter = new Intl.Segmenter();', use: 'let segmenter;' },
        { find: 'segmenter.segment(string)', use: '(segmenter ??= new Intl.Segmenter()).segment(string)' },
        { find: 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;', use: 'let rgiEmojiRegex;' },
        { find: 'rgiEmojiRegex.test(', use: "(rgiEmojiRegex ??= new RegExp('^\\\\p{RGI_Emoji}$', 'v')).test(" },
        {
          find: 'if (/^[\\u0020-\\u007E]*$/.test(string)) {',
          use: `if (ambiguousIsNarrow ? /^[${ONE_COLUMN}]*$/.test(string) : /^[\\u0020-\\u007E]*$/.test(string)) {`,
        },
      ],
    });
  },
};

/** Colours by meaning. A colour never says something alone: a sign or a word always says it too. */

export type Tone = 'plain' | 'good' | 'bad' | 'unsure' | 'quiet' | 'strong' | 'chosen';

export interface Style {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
}

export interface Signs {
  readonly ok: string;
  readonly faulty: string;
  readonly unknown: string;
  readonly 'not-applicable': string;
  readonly spinner: readonly string[];
  readonly line: string;
  readonly pointer: string;
  readonly arrow: string;
  readonly dot: string;
  readonly up: string;
  readonly down: string;
  readonly left: string;
  readonly right: string;
  readonly more: string;
  readonly branch: string;
  readonly lastBranch: string;
  /** Behind the place where a flow breaks. */
  readonly here: string;
  /** Behind what a rule needs, in a comparison. */
  readonly fits: string;
  readonly differs: string;
}

export interface Theme {
  readonly styles: Readonly<Record<Tone, Style>>;
  readonly signs: Signs;
}

export const STATE_TONES = {
  ok: 'good',
  faulty: 'bad',
  unknown: 'unsure',
  'not-applicable': 'quiet',
} as const satisfies Record<string, Tone>;

const UNICODE: Signs = {
  ok: '✔',
  faulty: '✘',
  unknown: '?',
  'not-applicable': '·',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  line: '─',
  pointer: '❯',
  arrow: '→',
  dot: '·',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  more: '…',
  branch: '├─',
  lastBranch: '└─',
  here: '← here',
  fits: '✔',
  differs: '✘',
};

const ASCII: Signs = {
  ok: '+',
  faulty: 'x',
  unknown: '?',
  'not-applicable': '-',
  spinner: ['|', '/', '-', '\\'],
  line: '-',
  pointer: '>',
  arrow: '->',
  dot: '-',
  up: 'up ',
  down: 'down',
  left: 'left ',
  right: 'right',
  more: '..',
  branch: '|-',
  lastBranch: '`-',
  here: '<- here',
  fits: '+',
  differs: 'x',
};

/** For a screen reader: words, and nothing that moves. */
const WORDS: Signs = {
  ok: 'works:',
  faulty: 'fails:',
  unknown: 'not known:',
  'not-applicable': 'left out:',
  spinner: [''],
  line: '',
  pointer: '',
  arrow: 'to',
  dot: ',',
  up: 'up',
  down: 'down',
  left: 'left',
  right: 'right',
  more: '...',
  branch: '',
  lastBranch: '',
  here: ', it breaks here',
  fits: 'fits',
  differs: 'differs',
};

const NO_STYLES = {
  plain: {},
  good: {},
  bad: {},
  unsure: {},
  quiet: {},
  strong: {},
  chosen: {},
} as const satisfies Theme['styles'];

export interface Look {
  readonly unicode: boolean;
  readonly dark: boolean;
  /** Whether there may be colours, bold and dim. */
  readonly color: boolean;
  /** Whether it is listened to; default: it is looked at. */
  readonly spoken?: boolean;
}

export function themeFor({ unicode, dark, color, spoken = false }: Look): Theme {
  if (spoken) return { signs: WORDS, styles: NO_STYLES };
  return {
    signs: unicode ? UNICODE : ASCII,
    styles: color
      ? {
          plain: {},
          good: { color: 'green' },
          bad: { color: 'red' },
          // Yellow on white cannot be read.
          unsure: { color: dark ? 'yellow' : 'magenta' },
          quiet: { dimColor: true },
          strong: { bold: true },
          chosen: { bold: true, color: dark ? 'cyan' : 'blue' },
        }
      : NO_STYLES,
  };
}

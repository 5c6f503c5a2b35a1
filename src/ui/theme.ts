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
};

export function themeFor({ unicode, dark }: { readonly unicode: boolean; readonly dark: boolean }): Theme {
  return {
    signs: unicode ? UNICODE : ASCII,
    styles: {
      plain: {},
      good: { color: 'green' },
      bad: { color: 'red' },
      // Yellow on white cannot be read.
      unsure: { color: dark ? 'yellow' : 'magenta' },
      quiet: { dimColor: true },
      strong: { bold: true },
      chosen: { bold: true, color: dark ? 'cyan' : 'blue' },
    },
  };
}

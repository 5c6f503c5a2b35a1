/** Which key means what. The line of keys, the page of keys and the handling are all made of this. */
import { pad } from './lines.ts';
import type { Signs } from './theme.ts';

export type Intent =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'left'
  | 'right'
  | 'go'
  | 'back'
  | 'shell'
  | 'log'
  | 'again'
  | 'deeper'
  | 'explain'
  | 'export'
  | 'another'
  | 'copy'
  | 'watch'
  | 'unfold'
  | 'step-back'
  | 'widen'
  | 'erase'
  | 'erase-all'
  | 'suspend'
  | 'keys'
  | 'quit'
  | 'interrupt';

/** Names of keys, the first is the one shown. Single characters are typed as they are. */
export const KEYS: Readonly<Record<Intent, readonly string[]>> = {
  up: ['up', 'k'],
  down: ['down', 'j'],
  'page-up': ['page up', 'b'],
  'page-down': ['page down', 'space'],
  left: ['left', 'shift-tab'],
  right: ['right', 'tab'],
  go: ['enter'],
  back: ['esc', 'q'],
  shell: ['s'],
  log: ['l'],
  again: ['r'],
  deeper: ['d'],
  explain: ['x'],
  export: ['e'],
  another: ['f'],
  copy: ['c'],
  watch: ['w'],
  unfold: ['v'],
  'step-back': ['esc'],
  widen: ['tab'],
  erase: ['backspace'],
  'erase-all': ['ctrl-u'],
  suspend: ['ctrl-z'],
  keys: ['?'],
  quit: ['q'],
  interrupt: ['ctrl-c'],
};

export interface Hint {
  readonly intents: readonly [Intent, ...Intent[]];
  readonly says: string;
}

const scroll: Hint = { intents: ['up', 'down'], says: 'scroll' };
const page: Hint = { intents: ['page-up', 'page-down'], says: 'scroll a screen' };
const go: Hint = { intents: ['go'], says: 'go' };
const log: Hint = { intents: ['log'], says: 'log' };
const keys: Hint = { intents: ['keys'], says: 'keys' };
const quit: Hint = { intents: ['quit'], says: 'quit' };
const interrupt: Hint = { intents: ['interrupt'], says: 'quit at once' };
const choose: Hint = { intents: ['up', 'down'], says: 'choose' };
const typing: readonly Hint[] = [
  { intents: ['page-up', 'page-down'], says: 'a screen' },
  { intents: ['erase'], says: 'take back a letter' },
  { intents: ['erase-all'], says: 'take back all letters' },
  { intents: ['suspend'], says: 'to the shell; fg comes back' },
  interrupt,
];
const stepBack: Hint = { intents: ['step-back'], says: 'one step back' };
const suspend: Hint = { intents: ['suspend'], says: 'to the shell; fg comes back' };
const back: Hint = { intents: ['back'], says: 'back' };
/** Before the first step there is nothing. */
const leave: Hint = { intents: ['back'], says: 'leave' };

/** What keys do on each screen, most wanted first; `shown` of them stand on the last line, as far as they fit. */
export const HINTS = {
  source: {
    shown: [choose, go, { intents: ['widen'], says: 'all namespaces' }, keys, leave],
    more: typing,
    isTyping: true,
  },
  destination: { shown: [choose, go, keys, back], more: typing, isTyping: true },
  port: { shown: [choose, go, keys, back], more: typing, isTyping: true },
  resolving: { shown: [keys, quit], more: [stepBack, suspend, interrupt] },
  consent: {
    shown: [{ intents: ['up', 'down'], says: 'choose' }, go, keys, quit],
    more: [stepBack, page, suspend, interrupt],
  },
  climb: { shown: [scroll, log, keys, quit], more: [stepBack, page, suspend, interrupt] },
  verdict: {
    shown: [{ intents: ['left', 'right'], says: 'choose' }, go, scroll, log, keys, quit],
    more: [
      { intents: ['again'], says: 'check again' },
      { intents: ['deeper'], says: 'go deeper' },
      { intents: ['shell'], says: 'shell' },
      { intents: ['explain'], says: 'explain' },
      { intents: ['export'], says: 'export' },
      { intents: ['copy'], says: 'copy the fix' },
      { intents: ['unfold'], says: 'all that the fix changes, or less' },
      { intents: ['watch'], says: 'keep watching' },
      { intents: ['another'], says: 'another flow' },
      stepBack,
      page,
      suspend,
      interrupt,
    ],
  },
  watch: { shown: [{ intents: ['back'], says: 'stop watching' }], more: [interrupt] },
  failed: { shown: [scroll, { intents: ['go'], says: 'quit' }, keys, quit], more: [interrupt] },
  export: {
    shown: [
      { intents: ['up', 'down'], says: 'choose' },
      { intents: ['go'], says: 'write' },
      { intents: ['back'], says: 'back' },
    ],
    more: [interrupt],
  },
  menu: {
    shown: [{ intents: ['up', 'down'], says: 'choose' }, { intents: ['go'], says: 'play' }, quit],
    more: [{ intents: ['back'], says: 'quit' }, interrupt],
  },
  page: { shown: [scroll, { intents: ['back'], says: 'back' }], more: [page, interrupt] },
} as const satisfies Record<string, HintsOfScreen>;

interface HintsOfScreen {
  readonly shown: readonly Hint[];
  readonly more: readonly Hint[];
  /** Letters are text here, and name no key. */
  readonly isTyping?: boolean;
}

export type ScreenName = keyof typeof HINTS;

/** What Ink says of a pressed key. */
export interface Pressed {
  readonly upArrow?: boolean;
  readonly downArrow?: boolean;
  readonly leftArrow?: boolean;
  readonly rightArrow?: boolean;
  readonly pageUp?: boolean;
  readonly pageDown?: boolean;
  readonly return?: boolean;
  readonly escape?: boolean;
  readonly tab?: boolean;
  readonly shift?: boolean;
  readonly ctrl?: boolean;
  readonly backspace?: boolean;
  readonly delete?: boolean;
}

/** The name of a key, as in KEYS. */
export function keyName(input: string, key: Pressed): string {
  if (key.upArrow === true) return 'up';
  if (key.downArrow === true) return 'down';
  if (key.leftArrow === true) return 'left';
  if (key.rightArrow === true) return 'right';
  if (key.pageUp === true) return 'page up';
  if (key.pageDown === true) return 'page down';
  if (key.return === true) return 'enter';
  if (key.escape === true) return 'esc';
  if (key.tab === true) return key.shift === true ? 'shift-tab' : 'tab';
  // What most terminals send for the backspace key is named delete.
  if (key.backspace === true || key.delete === true) return 'backspace';
  if (key.ctrl === true) return `ctrl-${input}`;
  return input === ' ' ? 'space' : input;
}

/** All that a key can mean; a screen acts on the one it knows. */
export function intentsOf(name: string): readonly Intent[] {
  return (Object.keys(KEYS) as Intent[]).filter((intent) => KEYS[intent].includes(name));
}

/** Whether a key stands for a letter where letters are text. */
export function isLetter(name: string): boolean {
  return [...name].length === 1 || name === 'space';
}

/** `↑↓ scroll  enter go  ? keys  q quit`; the last two stay when there is no room for all. */
export function keysLine(screen: ScreenName, signs: Signs, columns: number): string {
  const texts = HINTS[screen].shown.map((hint) => `${labelOf(hint, signs)} ${hint.says}`);
  while (texts.length > 2 && ` ${texts.join('  ')}`.length > columns) texts.splice(-3, 1);
  return ` ${texts.join('  ')}`;
}

/** The same for a screen reader: `left or right: choose, enter: go, q: quit`. */
export function keysSaid(screen: ScreenName, signs: Signs): string {
  const texts = HINTS[screen].shown.map(
    ({ intents, says }) => `${intents.map((intent) => shownName(KEYS[intent][0] ?? '', signs)).join(' or ')}: ${says}`,
  );
  return `Keys: ${texts.join(', ')}`;
}

/** Every key of a screen with all its names. */
export function keyTable(screen: ScreenName, signs: Signs): readonly string[] {
  const { shown, more, isTyping = false }: HintsOfScreen = HINTS[screen];
  const rows = [...shown, ...more].map(
    (hint) =>
      [
        hint.intents
          .map((intent) =>
            KEYS[intent]
              .filter((name) => !isTyping || name === '?' || !isLetter(name))
              .map((name) => shownName(name, signs))
              .join(' or '),
          )
          .join(', '),
        hint.says,
      ] as const,
  );
  const width = Math.max(...rows.map(([names]) => names.length)) + 3;
  return rows.map(([names, says]) => pad(names, width) + says);
}

function labelOf({ intents }: Hint, signs: Signs): string {
  return intents.map((intent) => shownName(KEYS[intent][0] ?? '', signs)).join('');
}

function shownName(name: string, signs: Signs): string {
  return name === 'up' || name === 'down' || name === 'left' || name === 'right' ? signs[name] : name;
}

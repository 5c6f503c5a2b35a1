import { useState } from 'react';
import type { Access } from '../ladder/access.ts';
import type { Path } from '../report/path.ts';
import type { Report } from '../report/report.ts';
import { causeOf, mendingCommand } from '../report/words.ts';
import { FRAME_ROWS, Frame, type Header } from './Frame.tsx';
import { BLANK, block, type Line, line, type Size, type Span, span, widthOf } from './lines.ts';
import type { Theme } from './theme.ts';
import { useKeys } from './use-keys.ts';
import { useNow } from './use-now.ts';
import { useScroll } from './use-scroll.ts';
import { canUnfold, verdictLines } from './verdict-lines.ts';

export type VerdictChoice = 'again' | 'deeper' | 'shell' | 'explain' | 'export' | 'another' | 'copy' | 'watch' | 'quit';

export interface VerdictProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly report: Report;
  /** Of the check before this one; null for the first. */
  readonly before: Report | null;
  /** What would show that the cause is none. */
  readonly unless: readonly string[];
  readonly path: Path | null;
  /** What may be asked for beyond what was granted; null when that is all. */
  readonly deeper: Extract<Access, 'source' | 'backend'> | null;
  /** Whether there is a container to open a shell in. */
  readonly hasShell: boolean;
  readonly canAskAgain: boolean;
  readonly onChoose: (choice: Exclude<VerdictChoice, 'copy'>) => void;
  /** Hands text to the clipboard, and says where it is. */
  readonly onCopy: (text: string) => string;
  readonly onLog: () => void;
}

/** The answer, the proof and what to type; below it what can be done next. */
export function VerdictScreen(props: VerdictProps) {
  const { size, theme, header, report, before, unless, path, deeper, onChoose, onCopy, onLog } = props;
  const choices = choicesFor(props);
  const [litNow, setLit] = useNow(0);
  const [copied, setCopied] = useState<string | null>(null);
  const [isUnfolded, setUnfolded] = useState(false);
  const chosenNow = (): Choice | undefined => choices[Math.min(litNow(), choices.length - 1)];
  const [lit, chosen] = [litNow(), chosenNow()];
  const take = (choice: VerdictChoice): void => {
    setCopied(choice === 'copy' ? onCopy(mendingCommand(report) ?? '') : null);
    if (choice !== 'copy') onChoose(choice);
  };
  const help = copied ?? chosen?.help ?? '';
  const footer: readonly Line[] = [
    BLANK,
    ...menuLines(choices, { lit, theme, columns: size.columns - 1 }),
    ...block([span('   ')], help, size.columns - 1, copied !== null ? 'good' : 'quiet').slice(0, 1),
  ];
  const lines = verdictLines(report, { theme, columns: size.columns - 1, deeper, before, unless, path, isUnfolded });
  const room = size.rows - FRAME_ROWS - footer.length;
  const scroll = useScroll(lines, { height: room, signs: theme.signs });
  const move = (by: number) => () => {
    setCopied(null);
    setLit((litNow() + by + choices.length) % choices.length);
  };
  const direct = Object.fromEntries(choices.map(({ value }) => [value, () => take(value)]));
  useKeys({
    ...scroll.actions,
    ...direct,
    left: move(-1),
    right: move(1),
    go: () => {
      const taken = chosenNow();
      if (taken !== undefined) take(taken.value);
    },
    log: onLog,
    ...(canUnfold(report) ? { unfold: () => setUnfolded(!isUnfolded) } : {}),
  });
  const filling = Array.from({ length: Math.max(0, room - scroll.visible.length) }, () => BLANK);
  return (
    <Frame
      size={size}
      theme={theme}
      header={header}
      screen="verdict"
      position={scroll.position}
      lines={[...scroll.visible, ...filling, ...footer]}
      said={{ once: lines, now: [line(`${lit + 1} of ${choices.length}: ${chosen?.label ?? ''}. ${help}`)] }}
    />
  );
}

interface Choice {
  readonly value: VerdictChoice;
  readonly label: string;
  readonly help: string;
}

type Offers = Pick<VerdictProps, 'report' | 'deeper' | 'hasShell' | 'canAskAgain'>;

function choicesFor({ report, deeper, hasShell, canAskAgain }: Offers): readonly Choice[] {
  const explained = (causeOf(report) ?? report.findings[0])?.id;
  const choices: readonly (Choice | null)[] = [
    {
      value: 'again',
      label: 'Check again',
      help: `r: the same question once more${report.verdict === 'healthy' ? '' : ', after a fix'}`,
    },
    mendingCommand(report) === null
      ? null
      : { value: 'copy', label: 'Copy fix', help: 'c: the command of the fix, to the clipboard' },
    deeper === null
      ? null
      : {
          value: 'deeper',
          label: 'Go deeper',
          help:
            deeper === 'source'
              ? `d: measure from ${report.flow.source.name} itself; asks before anything is added`
              : 'd: look into backends that refuse or stay silent; asks before anything is added',
        },
    hasShell
      ? { value: 'shell', label: 'Shell', help: `s: a netshoot shell in the network of ${report.flow.source.name}` }
      : null,
    explained === undefined
      ? null
      : { value: 'explain', label: 'Explain', help: `x: the same as kubectl netdebug explain ${explained}` },
    { value: 'export', label: 'Export', help: 'e: as a page to pass on, for a ticket, or as data' },
    canAskAgain
      ? { value: 'another', label: 'Another', help: 'f: another flow; this report is printed at the end' }
      : null,
    { value: 'watch', label: 'Watch', help: 'w: the same question every few seconds, with how often it fails' },
    { value: 'quit', label: 'Quit', help: 'q: the report stays in the terminal' },
  ];
  return choices.filter((choice) => choice !== null);
}

/** All choices in a row, or in as many rows as that takes. */
function menuLines(
  choices: readonly Choice[],
  { lit, theme, columns }: { readonly lit: number; readonly theme: Theme; readonly columns: number },
): readonly Line[] {
  const rows: Span[][] = [[]];
  let used = 0;
  choices.forEach(({ label }, index) => {
    const text = `${index === lit ? `${theme.signs.pointer} ` : '  '}${label} `;
    if (used + widthOf(text) > columns) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(span(text, index === lit ? 'chosen' : 'plain'));
    used += widthOf(text);
  });
  return rows.map((spans) => [span(' '), ...spans]);
}

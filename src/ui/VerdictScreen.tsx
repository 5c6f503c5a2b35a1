import { useState } from 'react';
import type { Access } from '../ladder/access.ts';
import type { Report } from '../report/report.ts';
import { FRAME_ROWS, Frame, type Header, Lines } from './Frame.tsx';
import { BLANK, block, type Line, type Size, type Span, span } from './lines.ts';
import type { Theme } from './theme.ts';
import { useKeys } from './use-keys.ts';
import { useScroll } from './use-scroll.ts';
import { verdictLines } from './verdict-lines.ts';

export type VerdictChoice = 'again' | 'deeper' | 'shell' | 'explain' | 'export' | 'another' | 'quit';

export interface VerdictProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly report: Report;
  /** What may be asked for beyond what was granted; null when that is all. */
  readonly deeper: Extract<Access, 'source' | 'backend'> | null;
  /** Whether there is a container to open a shell in. */
  readonly hasShell: boolean;
  readonly canAskAgain: boolean;
  readonly onChoose: (choice: VerdictChoice) => void;
  readonly onLog: () => void;
}

/** The answer, the proof and what to type; below it what can be done next. */
export function VerdictScreen({
  size,
  theme,
  header,
  report,
  deeper,
  hasShell,
  canAskAgain,
  onChoose,
  onLog,
}: VerdictProps) {
  const choices = choicesFor({ report, deeper, hasShell, canAskAgain });
  const [lit, setLit] = useState(0);
  const chosen = choices[Math.min(lit, choices.length - 1)];
  const footer: readonly Line[] = [
    BLANK,
    menuLine(choices, lit, theme),
    ...block([span('   ')], chosen?.help ?? '', size.columns - 1, 'quiet').slice(0, 1),
  ];
  const lines = verdictLines(report, { theme, columns: size.columns - 1, deeper });
  const room = size.rows - FRAME_ROWS - footer.length;
  const scroll = useScroll(lines, { height: room, signs: theme.signs });
  const move = (by: number) => () => setLit((lit + by + choices.length) % choices.length);
  const direct = Object.fromEntries(choices.map(({ value }) => [value, () => onChoose(value)]));
  useKeys({
    ...scroll.actions,
    ...direct,
    left: move(-1),
    right: move(1),
    go: () => chosen !== undefined && onChoose(chosen.value),
    log: onLog,
  });
  const filling = Array.from({ length: Math.max(0, room - scroll.visible.length) }, () => BLANK);
  return (
    <Frame size={size} theme={theme} header={header} screen="verdict" position={scroll.position}>
      <Lines theme={theme} lines={[...scroll.visible, ...filling, ...footer]} />
    </Frame>
  );
}

interface Choice {
  readonly value: VerdictChoice;
  readonly label: string;
  readonly help: string;
}

type Offers = Pick<VerdictProps, 'report' | 'deeper' | 'hasShell' | 'canAskAgain'>;

function choicesFor({ report, deeper, hasShell, canAskAgain }: Offers): readonly Choice[] {
  const explained = (report.findings.find((finding) => finding.role === 'cause') ?? report.findings[0])?.id;
  const choices: readonly (Choice | null)[] = [
    { value: 'again', label: 'Check again', help: 'r: the same question once more, after a fix' },
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
    { value: 'quit', label: 'Quit', help: 'q: the report stays in the terminal' },
  ];
  return choices.filter((choice) => choice !== null);
}

function menuLine(choices: readonly Choice[], lit: number, theme: Theme): Line {
  return choices.flatMap(({ label }, index): readonly Span[] =>
    index === lit ? [span(` ${theme.signs.pointer} `, 'chosen'), span(label, 'chosen')] : [span(`   ${label}`)],
  );
}

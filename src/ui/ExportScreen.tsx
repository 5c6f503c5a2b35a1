import { useState } from 'react';
import { cleanAll } from '../report/clean.ts';
import { Frame, type Header } from './Frame.tsx';
import { BLANK, block, type Line, line, type Size, span } from './lines.ts';
import type { Theme } from './theme.ts';
import { useChoices } from './use-choices.ts';
import { useKeys } from './use-keys.ts';

/** What a report can be written as, by the names of `-o`. */
export type ExportForm = 'html' | 'markdown' | 'json';

const FORMS: readonly { readonly form: ExportForm; readonly label: string }[] = [
  { form: 'html', label: 'A page to look at and to pass on (HTML, one file)' },
  { form: 'markdown', label: 'Text for a ticket (Markdown)' },
  { form: 'json', label: 'Data for a program (JSON)' },
];

export interface ExportProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly exportAs: (form: ExportForm) => Promise<string>;
  readonly onBack: () => void;
}

type Outcome = { readonly written: string } | { readonly failed: string };

/** Writes the report where the tool was started, and says where that is. */
export function ExportScreen({ size, theme, header, exportAs, onBack }: ExportProps) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useKeys({ back: onBack });
  const write = (form: ExportForm): void => {
    exportAs(form).then(
      (path) => setOutcome({ written: path }),
      (error: unknown) => setOutcome({ failed: error instanceof Error ? error.message : String(error) }),
    );
  };
  const columns = size.columns - 1;
  const choices = useChoices({
    items: FORMS.map(({ form, label }) => ({ value: form, label })),
    theme,
    columns,
    onSelect: write,
  });
  const said: readonly Line[] =
    outcome === null
      ? []
      : 'written' in outcome
        ? block([span(` ${theme.signs.ok} `, 'good')], `Written: ${cleanAll(outcome.written)}`, columns)
        : block([span(` ${theme.signs.faulty} `, 'bad')], cleanAll(outcome.failed), columns);
  const warning = 'It holds names and addresses of your cluster; --redact replaces them.';
  const lines = [
    BLANK,
    line(' Export the report as', 'strong'),
    BLANK,
    ...choices.lines,
    BLANK,
    ...block([span('   ')], warning, columns, 'quiet'),
    BLANK,
    ...said,
  ];
  return (
    <Frame
      size={size}
      theme={theme}
      header={header}
      screen="export"
      lines={lines}
      said={{ once: [line(`Export the report as. ${warning}`), ...said], now: [line(choices.said)] }}
    />
  );
}

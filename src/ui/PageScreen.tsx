import { FRAME_ROWS, Frame, type Header } from './Frame.tsx';
import type { Line, Size } from './lines.ts';
import type { Theme } from './theme.ts';
import { useKeys } from './use-keys.ts';
import { useScroll } from './use-scroll.ts';

export interface PageProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly lines: readonly Line[];
  /** New lines come at the end and are wanted first. */
  readonly follow?: boolean;
  readonly onBack: () => void;
}

/** Something to read and leave again: the keys, the log, a container as YAML, the page of a finding. */
export function PageScreen({ size, theme, header, lines, follow = false, onBack }: PageProps) {
  const scroll = useScroll(lines, { height: size.rows - FRAME_ROWS, signs: theme.signs, follow });
  useKeys({ ...scroll.actions, back: onBack });
  return (
    <Frame size={size} theme={theme} header={header} screen="page" position={scroll.position} lines={scroll.visible} />
  );
}

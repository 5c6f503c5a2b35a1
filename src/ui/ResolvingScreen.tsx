import { Frame } from './Frame.tsx';
import type { Size } from './lines.ts';
import { resolvingView, type Wanted } from './resolving.ts';
import type { Theme } from './theme.ts';

export interface ResolvingProps extends Wanted {
  readonly size: Size;
  readonly theme: Theme;
}

/** The names are being looked up; usually over before anybody has read it. */
export function ResolvingScreen({ size, theme, source, destination }: ResolvingProps) {
  const { header, lines } = resolvingView({ source, destination }, theme);
  return <Frame size={size} theme={theme} header={header} screen="resolving" lines={lines} />;
}

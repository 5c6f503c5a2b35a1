import { Frame, Lines } from './Frame.tsx';
import { BLANK, type Size, span } from './lines.ts';
import type { Theme } from './theme.ts';

export interface ResolvingProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly source: string;
  readonly destination: string;
  readonly frame: number;
}

/** The names are being looked up; usually over before anybody has read it. */
export function ResolvingScreen({ size, theme, source, destination, frame }: ResolvingProps) {
  const spinner = theme.signs.spinner[frame % theme.signs.spinner.length] ?? '';
  return (
    <Frame
      size={size}
      theme={theme}
      header={{ left: `${source} ${theme.signs.arrow} ${destination}`, right: '' }}
      screen="resolving"
    >
      <Lines
        theme={theme}
        lines={[
          BLANK,
          [
            span(` ${spinner} `, 'unsure'),
            span(
              destination === '?'
                ? 'Reading what runs in the cluster'
                : `Looking up ${source} and ${destination} in the cluster`,
            ),
          ],
        ]}
      />
    </Frame>
  );
}

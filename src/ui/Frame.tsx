import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { keysLine, type ScreenName } from './keys.ts';
import { type Line, type Size, widthOf } from './lines.ts';
import type { Theme } from './theme.ts';

/** Rows that the frame itself takes: header, two rules, keys. */
export const FRAME_ROWS = 4;

export interface Header {
  readonly left: string;
  readonly right: string;
}

export interface FrameProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly screen: ScreenName;
  /** Stands in the lower rule: what is above and below of what does not fit. */
  readonly position?: string;
  readonly children: ReactNode;
}

/**
 * ```
 *  web → svc/api:80                                    shop · lab   1.2 s
 * ────────────────────────────────────────────────────────────────────────
 *  …
 * ─────────────────────────────────────────────────────────── 12 more below
 *  ↑↓ scroll  l log  ? keys  q quit
 * ```
 */
export function Frame({ size, theme, header, screen, position = '', children }: FrameProps) {
  const { columns, rows } = size;
  const room = columns - widthOf(header.right) - 4;
  const rule = theme.signs.line.repeat(Math.max(0, columns - widthOf(position) - (position === '' ? 0 : 1)));
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Box flexShrink={0} height={1} justifyContent="space-between" paddingX={1}>
        <Box width={Math.max(8, room)} flexShrink={1}>
          <Text {...theme.styles.strong} wrap="truncate">
            {header.left}
          </Text>
        </Box>
        <Box flexShrink={0}>
          <Text {...theme.styles.quiet} wrap="truncate">
            {header.right}
          </Text>
        </Box>
      </Box>
      <Box flexShrink={0} height={1}>
        <Text {...theme.styles.quiet}>{theme.signs.line.repeat(columns)}</Text>
      </Box>
      <Box flexDirection="column" flexGrow={1} flexBasis={0} overflow="hidden">
        {children}
      </Box>
      <Box flexShrink={0} height={1}>
        <Text {...theme.styles.quiet} wrap="truncate">
          {position === '' ? rule : `${rule} ${position}`}
        </Text>
      </Box>
      <Box flexShrink={0} height={1}>
        <Text wrap="truncate">{keysLine(screen, theme.signs, columns)}</Text>
      </Box>
    </Box>
  );
}

/** Lines as they are, each on one row; what is too long ends in an ellipsis. */
export function Lines({ lines, theme }: { readonly lines: readonly Line[]; readonly theme: Theme }) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((spans, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
        <Box key={row} height={1} flexShrink={0}>
          <Text wrap="truncate">
            {spans.length === 0
              ? ' '
              : spans.map(({ text, tone }, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a piece of a line is its place
                  <Text key={place} {...theme.styles[tone]}>
                    {text}
                  </Text>
                ))}
          </Text>
        </Box>
      ))}
    </Box>
  );
}

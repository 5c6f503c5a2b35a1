import { Box, Text, useIsScreenReaderEnabled } from 'ink';
import { memo, type ReactNode } from 'react';
import { type FrameContent, frameRows } from './frame-rows.ts';
import { type Said, SpokenFrame } from './SpokenFrame.tsx';
import { useTurning } from './use-turning.ts';

export { FRAME_ROWS, type Header } from './frame-rows.ts';

export interface FrameProps extends FrameContent {
  /** Where it is listened to: what is said once, and what is said again whenever it changes; else all lines are said once. */
  readonly said?: Said;
  /** Stands in place of some of the lines, which are then blank: what draws itself. */
  readonly inset?: { readonly at: number; readonly rows: number; readonly node: ReactNode };
}

/** The header and the rule under it. */
const ROWS_ABOVE = 2;

/** A screen: what is asked about, the lines, and the keys that matter now. */
export function Frame({ said, inset, ...content }: FrameProps) {
  const isSpoken = useIsScreenReaderEnabled();
  useTurning(content, !isSpoken);
  if (isSpoken) return <SpokenFrame {...content} said={said ?? { once: content.lines, now: [] }} />;
  const rows = frameRows(content);
  const from = ROWS_ABOVE + (inset?.at ?? 0);
  return (
    <Box flexDirection="column" width={content.size.columns} height={content.size.rows}>
      {inset === undefined ? (
        <Rows text={rows.join('\n')} />
      ) : (
        <>
          <Rows text={rows.slice(0, from).join('\n')} />
          <Box flexDirection="column" height={inset.rows} overflow="hidden">
            {inset.node}
          </Box>
          <Rows text={rows.slice(from + inset.rows).join('\n')} />
        </>
      )}
    </Box>
  );
}

/** One text: to Ink each is as much work as what stands in it. No row is wider than the screen, see `frameRows`. */
const Rows = memo(({ text }: { readonly text: string }) => <Text wrap="truncate">{text}</Text>);

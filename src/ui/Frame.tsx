import { Box, Text, useIsScreenReaderEnabled } from 'ink';
import { memo } from 'react';
import { type FrameContent, frameRows } from './frame-rows.ts';
import { type Said, SpokenFrame } from './SpokenFrame.tsx';
import { useTurning } from './use-turning.ts';

export { FRAME_ROWS, type Header } from './frame-rows.ts';

export interface FrameProps extends FrameContent {
  /** Where it is listened to: what is said once, and what is said again whenever it changes; else all lines are said once. */
  readonly said?: Said;
}

/** A screen: what is asked about, the lines, and the keys that matter now. */
export function Frame({ said, ...content }: FrameProps) {
  const isSpoken = useIsScreenReaderEnabled();
  useTurning(content, !isSpoken);
  if (isSpoken) return <SpokenFrame {...content} said={said ?? { once: content.lines, now: [] }} />;
  return (
    <Box flexDirection="column" width={content.size.columns} height={content.size.rows}>
      {frameRows(content).map((text, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
        <Row key={row} text={text} />
      ))}
    </Box>
  );
}

/** Laid out again only when it has changed: on most frames that is one row of all. */
const Row = memo(({ text }: { readonly text: string }) => <Text wrap="truncate">{text === '' ? ' ' : text}</Text>);

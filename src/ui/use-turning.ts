import { useStdin, useStdout } from 'ink';
import { useEffect, useRef } from 'react';
import { type FrameContent, turned, turningSpots } from './frame-rows.ts';

/** Time for one turn of what turns. */
const TURN_MS = 200;

/**
 * Turns what goes on, past Ink: for Ink these places never change, so it writes over them only when something else comes there,
 * and then it writes that. A frame of Ink costs some milliseconds, this costs none, and a few bytes on the line.
 */
export function useTurning(content: FrameContent, isSeen: boolean): void {
  const { stdout } = useStdout();
  const { stdin } = useStdin();
  const drawn = useRef(content);
  drawn.current = content;
  const isTurning = isSeen && turningSpots(content).length > 0;
  useEffect(() => {
    if (!isTurning) return;
    let turn = 0;
    const timer = setInterval(() => {
      // Lent to a shell: keys come in lines then.
      if (!('isRaw' in stdin) || stdin.isRaw !== true) return;
      // Drawn for another size than the terminal has now: the places are elsewhere, and soon drawn anew.
      if ('rows' in stdout && stdout.rows !== drawn.current.size.rows) return;
      turn++;
      const { theme } = drawn.current;
      const { spinner } = theme.signs;
      stdout.write(turned(turningSpots(drawn.current), spinner[turn % spinner.length] ?? '', theme));
    }, TURN_MS);
    return () => clearInterval(timer);
  }, [isTurning, stdin, stdout]);
}

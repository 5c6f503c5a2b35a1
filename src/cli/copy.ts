import { spawn } from 'node:child_process';

/**
 * Hands text to the clipboard of the person, over ssh as well: by OSC 52, and inside tmux through tmux itself, which else keeps it for
 * itself unless it was told not to. Whether a terminal takes it, nobody says.
 *
 * @returns the sentence to show
 * @see tmux(1), load-buffer -w and set-clipboard
 */
export function copy(text: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env.TMUX === undefined || env.TMUX === '') {
    process.stdout.write(`\u001b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`);
    return 'Sent to the clipboard of this terminal; not every terminal takes it.';
  }
  const tmux = spawn('tmux', ['load-buffer', '-w', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  // Without tmux on PATH there is nothing to say it to.
  tmux.on('error', () => undefined);
  tmux.stdin.on('error', () => undefined);
  tmux.stdin.end(text);
  return "In tmux's buffer, where prefix ] pastes it, and sent to the clipboard of the terminal.";
}

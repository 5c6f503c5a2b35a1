// npm run picture: films the real program playing a recorded incident, for README. Needs tmux, no cluster.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Terminal } from '../terminal/tmux.ts';
import { type Shot, svgOf } from './svg.ts';

const STORY = 'netpol-default-deny-ingress';
const [columns, rows] = [96, 30];
const EVERY_MS = 120;
/** What a viewer gets to see in the end. */
const VERDICT_MS = 9000;

const terminal = await Terminal.start({
  columns,
  rows,
  env: { TERM: 'xterm-256color', COLORTERM: 'truecolor', COLORFGBG: '15;0' },
});
const shots: Shot[] = [];
try {
  await terminal.run(`plugin/kubectl-netdebug demo ${STORY} --speed 0.5`);
  await terminal.waitFor('kubectl netdebug');
  for (;;) {
    const screen = await terminal.captureStyled();
    const last = shots.at(-1);
    if (last?.screen === screen) shots[shots.length - 1] = { screen, stayMs: last.stayMs + EVERY_MS };
    else if (screen.includes(' D ') || screen.includes('will be')) shots.push({ screen, stayMs: EVERY_MS });
    if (screen.includes('Check again')) break;
    await wait(EVERY_MS);
  }
  const verdict = await terminal.captureStyled();
  shots.push({ screen: verdict, stayMs: VERDICT_MS });
  await terminal.press('q');
} finally {
  await terminal.close();
}
const file = join(import.meta.dirname, '../../docs/wizard.svg');
writeFileSync(
  file,
  svgOf(shots, {
    columns,
    rows,
    title: 'kubectl netdebug in a terminal',
    description:
      'The wizard climbs the rungs DNS, endpoints, path and policy from the source Pod, and names a NetworkPolicy that denies all ingress, with proof and fix.',
  }),
);
console.log(`${file}: ${shots.length} screens`);

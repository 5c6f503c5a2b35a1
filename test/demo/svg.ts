/** Screens of a terminal as one SVG that plays them, for a README: no script, no font of its own, light and dark. */
import stringWidth from 'string-width';

export interface Shot {
  /** As tmux captures it with escape sequences. */
  readonly screen: string;
  /** How long it stays, in milliseconds. */
  readonly stayMs: number;
}

export interface SvgOptions {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  /** What can be read in the picture, for who does not see it. */
  readonly description: string;
}

interface Style {
  readonly classes: readonly string[];
}

const CELL = 8.4;
const LINE = 18;
const PAD = 14;

/** Colours of both looks by their number in SGR: contrast of at least 4.5 to 1 on the background. */
const COLORS: Readonly<Record<number, readonly [name: string, light: string, dark: string]>> = {
  31: ['red', '#b3261e', '#ff7b72'],
  32: ['green', '#1a6e2e', '#56d364'],
  33: ['yellow', '#7a5900', '#e3b341'],
  34: ['blue', '#0a54b8', '#79c0ff'],
  35: ['magenta', '#8a2a8a', '#d2a8ff'],
  36: ['cyan', '#0b6377', '#76e3ea'],
};

export function svgOf(shots: readonly Shot[], { columns, rows, title, description }: SvgOptions): string {
  const width = Math.ceil(columns * CELL + 2 * PAD);
  const height = rows * LINE + 2 * PAD;
  const totalMs = shots.reduce((sum, { stayMs }) => sum + stayMs, 0);
  let fromMs = 0;
  const frames = shots.map(({ screen, stayMs }, index) => {
    const [from, to] = [(100 * fromMs) / totalMs, (100 * (fromMs + stayMs)) / totalMs];
    fromMs += stayMs;
    const isLast = index === shots.length - 1;
    const keyframes =
      shots.length === 1
        ? ''
        : `@keyframes f${index}{0%{opacity:${index === 0 ? 1 : 0}}${percent(from)}{opacity:1}${isLast ? '100%{opacity:1}' : `${percent(to)}{opacity:0}100%{opacity:0}`}}`;
    return {
      keyframes,
      group: `<g class="f${isLast ? ' last' : ''}" style="animation-name:f${index}">${textOf(screen)}</g>`,
    };
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">
<title id="title">${escapeXml(title)}</title>
<desc id="description">${escapeXml(description)}</desc>
<style>
.paper{fill:#fff;stroke:#d0d7de}text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328;white-space:pre}
.b{font-weight:700}.d{fill:#59636e}${Object.values(COLORS)
    .map(([name, light]) => `.${name}{fill:${light}}`)
    .join('')}
@media(prefers-color-scheme:dark){.paper{fill:#0d1117;stroke:#30363d}text{fill:#e6edf3}.d{fill:#9198a1}${Object.values(
    COLORS,
  )
    .map(([name, , dark]) => `.${name}{fill:${dark}}`)
    .join('')}}
.f{opacity:0;animation:${totalMs}ms step-end infinite}.last{opacity:1}
@media(prefers-reduced-motion:reduce){.f{animation:none;opacity:0}.last{opacity:1}}
${frames.map(({ keyframes }) => keyframes).join('\n')}
</style>
<rect class="paper" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${frames.map(({ group }) => group).join('\n')}
</svg>
`;
}

const percent = (value: number): string => `${value.toFixed(3)}%`;

function textOf(screen: string): string {
  return screen
    .replace(/\n$/, '')
    .split('\n')
    .map((line, row) => lineOf(line, PAD + row * LINE + 13))
    .filter((line) => line !== '')
    .join('\n');
}

/** Every piece of one style at its own place, so that no font can shift what follows. */
function lineOf(line: string, y: number): string {
  let style: Style = { classes: [] };
  let column = 0;
  const pieces: string[] = [];
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = part.match(/^\u001b\[([\d;]*)m$/)?.[1];
    if (codes !== undefined) style = restyle(style, codes === '' ? [0] : codes.split(';').map(Number));
    else if (part !== '') {
      const lead = part.length - part.trimStart().length;
      const text = part.trim();
      if (text !== '') {
        const x = (PAD + (column + lead) * CELL).toFixed(1);
        const length = (stringWidth(text) * CELL).toFixed(1);
        const classes = style.classes.length === 0 ? '' : ` class="${style.classes.join(' ')}"`;
        pieces.push(`<text x="${x}" y="${y}" textLength="${length}"${classes}>${escapeXml(text)}</text>`);
      }
      column += stringWidth(part);
    }
  }
  return pieces.join('');
}

function restyle(style: Style, codes: readonly number[]): Style {
  return codes.reduce<Style>((now, code) => {
    const without = (names: readonly string[]) => now.classes.filter((name) => !names.includes(name));
    if (code === 0) return { classes: [] };
    if (code === 1) return { classes: [...without(['b']), 'b'] };
    if (code === 2) return { classes: [...without(['d']), 'd'] };
    if (code === 22) return { classes: without(['b', 'd']) };
    const colors = Object.values(COLORS).map(([name]) => name);
    if (code === 39) return { classes: without(colors) };
    const color = COLORS[code]?.[0];
    return color === undefined ? now : { classes: [...without(colors), color] };
  }, style);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

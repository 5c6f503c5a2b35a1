import type { Hop, Path } from '../report/path.ts';
import { type Line, pad, shorten, span, spinner, widthOf } from './lines.ts';
import { STATE_TONES, type Theme } from './theme.ts';

export interface PathLayout {
  readonly theme: Theme;
  readonly columns: number;
  /** Rows there is room for; backends that do not fit are counted, those that fail are shown first. */
  readonly rows: number;
  /** More may come: what is not known yet turns. */
  readonly isLive: boolean;
}

/**
 * ```
 *  web n2 → Service api 10.96.114.140:80  ✘ 13 of 20 tries work
 *   ├─ n2  api-wb27k  10.244.2.4:8080  ✔ connected in 0.3 ms, HTTP 200
 *   └─ n3  api-7fmjh  10.244.3.2:8080  ✘ no answer in 4 s   ← here
 * ```
 */
export function pathLines(path: Path, layout: PathLayout): readonly Line[] {
  const { theme, columns, rows } = layout;
  const { signs } = theme;
  const backends = path.groups.flatMap(({ node, backends: hops }) => hops.map((hop) => ({ node, hop })));
  const room = Math.max(1, rows - 1);
  const isCut = backends.length > room;
  const ordered = isCut ? [...backends].sort((a, b) => trouble(b.hop) - trouble(a.hop)) : backends;
  const shown = ordered.slice(0, isCut ? room - 1 : room);
  const hidden = ordered.slice(shown.length).map(({ hop }) => hop);
  const count = hidden.length + path.more;
  const widths = {
    node: Math.max(0, ...shown.map(({ node }) => widthOf(node ?? ''))),
    name: Math.min(Math.floor(columns * 0.3), Math.max(0, ...shown.map(({ hop }) => widthOf(hop.name)))),
    detail: Math.max(0, ...shown.map(({ hop }) => widthOf(hop.detail ?? ''))),
  };
  const lines = shown.map(({ node, hop }, index): Line => {
    const isLast = index === shown.length - 1 && count === 0;
    const lead = [
      span(`  ${isLast ? signs.lastBranch : signs.branch} `, 'quiet'),
      span(widths.node === 0 ? '' : pad(node ?? '', widths.node + 2), 'quiet'),
      span(pad(shorten(hop.name, widths.name, signs), widths.name + 2)),
      span(widths.detail === 0 ? '' : pad(hop.detail ?? '', widths.detail + 2), 'quiet'),
    ];
    return [...lead, ...saw(hop, lead, layout)];
  });
  const good = hidden.filter(({ state }) => state === 'ok').length;
  const isOpen = hidden.some(({ state }) => state === 'unknown');
  const answer = isOpen ? `${good} of them so far answer` : `${good} of them answer`;
  const more: readonly Line[] =
    count === 0 ? [] : [[span(`  ${signs.lastBranch} `, 'quiet'), span(`and ${count} more, ${answer}`, 'quiet')]];
  return [firstLine(path, layout), ...lines, ...more];
}

function firstLine({ source, node, service }: Path, layout: PathLayout): Line {
  const { signs } = layout.theme;
  const name = source.name.replace(/^Pod /, '');
  const lead = [
    span(` ${shorten(name, Math.floor(layout.columns * 0.3), signs)}`, source.findings.length > 0 ? 'bad' : 'strong'),
    span(node === null ? '' : ` ${node}`, 'quiet'),
    ...(source.findings.length > 0 ? [span(` ${signs.faulty} ${signs.here}`, 'bad')] : []),
    span(` ${signs.arrow} `, 'quiet'),
  ];
  if (service === null) return lead.slice(0, -1);
  const to = [
    ...lead,
    span(shorten(service.name, Math.floor(layout.columns * 0.4), signs)),
    span(` ${service.detail ?? ''}  `, 'quiet'),
  ];
  return [...to, ...saw(service, to, layout)];
}

/** The sign and what was seen, as far as there is room, and a mark where the flow breaks. */
function saw(hop: Hop, lead: Line, { theme, columns, isLive }: PathLayout): Line {
  const { signs } = theme;
  const isAwaited = hop.state === 'unknown' && isLive;
  const sign = isAwaited ? spinner(signs) : span(signs[hop.state], STATE_TONES[hop.state]);
  const mark = hop.findings.length > 0 ? ` ${signs.here}` : '';
  const used = lead.reduce((sum, { text }) => sum + widthOf(text), 0);
  const room = columns - used - widthOf(sign.text) - 1 - widthOf(mark);
  return [
    sign,
    span(' '),
    span(isAwaited || room < 4 ? '' : inRoom(hop.saw, room, theme), hop.state === 'faulty' ? 'bad' : 'quiet'),
    span(mark, 'bad'),
  ];
}

/** Without its last part, such as the status behind the time, where that makes it fit. */
function inRoom(text: string, room: number, { signs }: Theme): string {
  const [short = text] = text.split(', ');
  return widthOf(text) > room && widthOf(short) <= room ? short : shorten(text, room, signs);
}

function trouble({ state, findings }: Hop): number {
  return (findings.length > 0 ? 2 : 0) + (state === 'faulty' ? 1 : 0);
}

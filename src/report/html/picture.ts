/** The path as a picture: two drawings of the same, one to read across, one to read down on a narrow screen. */
import { type Hop, hopsOf, type Path } from '../path.ts';
import { STATE_SIGNS, STATE_WORDS } from '../words.ts';
import { type Content, type Html, html, lines } from './html.ts';

interface Box {
  readonly hop: Hop;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly texts: readonly Text[];
}

interface Text {
  readonly text: string;
  readonly tone: string;
}

interface Frame {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Way {
  readonly state: Hop['state'];
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly frames: readonly Frame[];
  readonly ways: readonly Way[];
}

/** Units of the drawing. Letters of a monospaced font are 0.6 of its size wide; a little more leaves room for other fonts. */
const FONT = 13;
const LETTER = FONT * 0.62;
const LINE = 18;
const PAD = 10;
const GAP = 14;
const LABEL = 20;

/** The picture and, for those who cannot see it, the same as a list. */
export function pictureOf(path: Path): Html {
  return html`<div class="picture">
${svgOf(path, wide(path), 'wide')}
${svgOf(path, narrow(path), 'narrow')}
</div>
<details><summary>The path in words</summary>
<ol>
${lines(hopsOf(path).map((hop) => html`<li>${wordsOf(hop)}</li>`))}
${path.more === 0 ? null : html`<li>${moreText(path.more)}</li>`}
</ol>
</details>`;
}

/** `Service api, 10.96.0.7:80: faulty, 0 of 5 tries work. It breaks here: see finding 1.` */
function wordsOf({ name, detail, node, state, saw, findings }: ReturnType<typeof hopsOf>[number]): string {
  const place = [name, detail, node === null ? null : `on ${node}`].filter((part) => part !== null).join(', ');
  const here = findings.length === 0 ? '' : ` ${breaksHere(findings)}.`;
  return `${place}: ${STATE_WORDS[state]}, ${saw}.${here}`;
}

function breaksHere(findings: readonly number[]): string {
  return `It breaks here: see finding ${findings.join(', ')}`;
}

function moreText(more: number): string {
  return `${more} more ${more === 1 ? 'backend' : 'backends'}, not shown`;
}

/** Ways that work are drawn last: where they share a stretch with others, all is well up to the fork. */
function svgOf(path: Path, drawing: Drawing, layout: 'wide' | 'narrow'): Html {
  const { width, height, boxes, frames, ways } = drawing;
  const broken = hopsOf(path).filter(({ findings }) => findings.length > 0);
  const summary =
    broken.length === 0
      ? 'No place on the way was found to be the cause.'
      : `It breaks at: ${broken.map(({ name, findings }) => `${name} (finding ${findings.join(', ')})`).join('; ')}.`;
  return html`<svg class="${layout}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="path-${layout}-title" aria-describedby="path-${layout}-desc" font-size="${FONT}">
<title id="path-${layout}-title">The path from ${path.source.name} to ${pathEnd(path)}</title>
<desc id="path-${layout}-desc">${summary} The list below says the same in words.</desc>
${lines(frames.map(frameMarkup))}
${lines([...ways].sort((a, b) => Number(a.state === 'ok') - Number(b.state === 'ok')).map(wayMarkup))}
${lines(boxes.map(boxMarkup))}
</svg>`;
}

function pathEnd({ service, groups }: Path): string {
  return service?.name ?? groups[0]?.backends[0]?.name ?? 'its destination';
}

function frameMarkup({ label, x, y, width, height }: Frame): Html {
  return html`<rect class="frame" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/><text class="quiet" x="${x + PAD}" y="${y + 15}">${label}</text>`;
}

function wayMarkup({ state, points }: Way): Html {
  const [end, before] = points.toReversed();
  const route = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const sign: Content =
    end === undefined || before === undefined || state === 'not-applicable'
      ? null
      : html`<text class="${state}" x="${(before[0] + end[0]) / 2 - 4}" y="${end[1] - 5}">${STATE_SIGNS[state]}</text>`;
  return html`<path class="way ${state}" d="${route}"/>${sign}`;
}

function boxMarkup({ hop, x, y, width, height, texts }: Box): Html {
  const rows = texts.map(
    ({ text, tone }, index) =>
      html`<text class="${tone}" x="${x + PAD}" y="${y + PAD + LINE * (index + 1) - 5}">${text}</text>`,
  );
  return html`<g><title>${hop.name}: ${hop.saw}</title><rect class="box ${hop.state}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>${rows}</g>`;
}

function boxAt(hop: Hop, { x, y, width }: { readonly x: number; readonly y: number; readonly width: number }): Box {
  const columns = Math.floor((width - 2 * PAD) / LETTER);
  const tone = (text: string, name: string): readonly Text[] =>
    fold(text, columns, 4).map((part) => ({ text: part, tone: name }));
  const texts = [
    ...fold(hop.name, columns, 2).map((text) => ({ text, tone: 'name' })),
    ...(hop.detail === null ? [] : tone(hop.detail, 'quiet')),
    ...tone(`${STATE_SIGNS[hop.state]} ${hop.saw}`, hop.state === 'not-applicable' ? 'quiet' : hop.state),
    ...(hop.findings.length === 0 ? [] : tone(`▲ breaks here: finding ${hop.findings.join(', ')}`, 'faulty')),
  ];
  return { hop, x, y, width, height: texts.length * LINE + 2 * PAD, texts };
}

/** Lines of at most so many letters and at most so many lines; what is too long is cut, and is whole in the list. */
function fold(text: string, columns: number, most: number): readonly string[] {
  const rows: string[] = [''];
  for (const word of text.split(' ').flatMap((part) => part.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [])) {
    const last = rows.at(-1) ?? '';
    const longer = last === '' ? word : `${last} ${word}`;
    if (longer.length <= columns) rows[rows.length - 1] = longer;
    else rows.push(word);
  }
  if (rows.length <= most) return rows;
  return [...rows.slice(0, most - 1), `${(rows[most - 1] ?? '').slice(0, columns - 1)}…`];
}

const SOURCE_X = 12;
const MIDDLE_X = 330;
const RIGHT_X = 690;
const COLUMN = 288;

/** Source on the left, DNS and Service in the middle, backends on the right. */
function wide(path: Path): Drawing {
  const right = stack(path, RIGHT_X, COLUMN, 8);
  const middleHops = [path.dns, path.service].filter((hop) => hop !== null);
  const middle = column(middleHops, MIDDLE_X, COLUMN, LABEL + 8);
  const source = boxAt(path.source, { x: SOURCE_X, y: LABEL + 8, width: 252 });
  const height = Math.max(right.height, bottom(middle), source.height + LABEL + 20, 60) + 12;
  const serviceBox = middle.find(({ hop }) => hop.kind === 'service');
  const frames = [...(path.node === null ? [] : [frameAround(`node ${path.node}`, [source])]), ...right.frames];
  const sourceEnd: readonly [number, number] = [source.x + source.width, centre(source)];
  const toMiddle = middle.map((box) => elbow(box.hop.state, sourceEnd, [box.x, centre(box)], MIDDLE_X - 30));
  const from: readonly [number, number] =
    serviceBox === undefined ? sourceEnd : [serviceBox.x + serviceBox.width, centre(serviceBox)];
  const toBackends = right.boxes.map((box) => elbow(box.hop.state, from, [box.x, centre(box)], RIGHT_X - 42));
  return {
    width: RIGHT_X + COLUMN + 14,
    height,
    boxes: [source, ...middle, ...right.boxes],
    frames,
    ways: [...toMiddle, ...toBackends],
  };
}

const NARROW = 340;

/** One place below the other, backends at the end. */
function narrow(path: Path): Drawing {
  const source = boxAt(path.source, { x: 8, y: LABEL + 8, width: NARROW - 16 });
  const middleHops = [path.dns, path.service].filter((hop) => hop !== null);
  const middle = column(middleHops, 34, NARROW - 42, source.y + source.height + GAP + 8);
  const last = middle.at(-1) ?? source;
  const right = stack(path, 62, NARROW - 76, last.y + last.height + GAP);
  const serviceBox = middle.find(({ hop }) => hop.kind === 'service');
  const trunk = (box: Box, x: number, start: number): Way => ({
    state: box.hop.state,
    points: [
      [x, start],
      [x, centre(box)],
      [box.x, centre(box)],
    ],
  });
  const under = source.y + source.height;
  return {
    width: NARROW,
    height: right.height + 12,
    boxes: [source, ...middle, ...right.boxes],
    frames: [...(path.node === null ? [] : [frameAround(`node ${path.node}`, [source])]), ...right.frames],
    ways: [
      ...middle.map((box) => trunk(box, 14, under)),
      ...right.boxes.map((box) =>
        trunk(
          box,
          serviceBox === undefined ? 14 : 40,
          serviceBox === undefined ? under : serviceBox.y + serviceBox.height,
        ),
      ),
    ],
  };
}

function column(hops: readonly Hop[], x: number, width: number, top: number): readonly Box[] {
  const boxes: Box[] = [];
  for (const hop of hops) {
    const above = boxes.at(-1);
    boxes.push(boxAt(hop, { x, y: above === undefined ? top : above.y + above.height + GAP + 10, width }));
  }
  return boxes;
}

/** Backends below each other, with a frame around those of one node. */
function stack(
  path: Path,
  x: number,
  width: number,
  top: number,
): { readonly boxes: readonly Box[]; readonly frames: readonly Frame[]; readonly height: number } {
  const boxes: Box[] = [];
  const frames: Frame[] = [];
  let y = top;
  for (const { node, backends } of path.groups) {
    const own: Box[] = [];
    y += LABEL;
    for (const hop of backends) {
      const box = boxAt(hop, { x, y, width });
      own.push(box);
      y += box.height + GAP / 2;
    }
    boxes.push(...own);
    if (node !== null) frames.push(frameAround(`node ${node}`, own));
    y += GAP;
  }
  if (path.more > 0) {
    frames.push({ label: moreText(path.more), x: x - 4, y, width: width + 8, height: 22 });
    y += 30;
  }
  return { boxes, frames, height: y };
}

function frameAround(label: string, boxes: readonly Box[]): Frame {
  const [first] = boxes;
  if (first === undefined) return { label, x: 0, y: 0, width: 0, height: 0 };
  return {
    label,
    x: first.x - 6,
    y: first.y - LABEL,
    width: first.width + 12,
    height: bottom(boxes) - first.y + LABEL + 6,
  };
}

function bottom(boxes: readonly Box[]): number {
  return Math.max(0, ...boxes.map((box) => box.y + box.height));
}

function centre(box: Box): number {
  return Math.round(box.y + box.height / 2);
}

/** Out, up or down at one place, and in: ways to several boxes share what they can. */
function elbow(state: Hop['state'], from: readonly [number, number], to: readonly [number, number], x: number): Way {
  return { state, points: [from, [x, from[1]], [x, to[1]], to] };
}

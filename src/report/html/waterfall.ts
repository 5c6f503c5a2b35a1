/** What was done when: a table with a bar for each thing, and under each the raw output to unfold. */
import { duration } from '../../derive/connects.ts';
import type { Activity } from '../timeline.ts';
import { STATE_SIGNS, STATE_WORDS } from '../words.ts';
import { commandBlock } from './command.ts';
import { type Html, html, lines } from './html.ts';

/** What is kept of one output: enough for any tool of ours, and a report stays small enough to be sent around. */
const MOST_LETTERS = 16_000;

/** @param totalMs  the whole run, which the bars are drawn on */
export function waterfallOf(timeline: readonly Activity[], totalMs: number): Html {
  const whole = Math.max(1, totalMs, ...timeline.map(({ startMs, durationMs }) => startMs + (durationMs ?? 0)));
  return html`<table class="waterfall" role="table">
<caption>Reads of the API server, the start of containers and probes, in the order in which they began. Times are from the start of the run; the whole took ${duration(whole)}.</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="when">Start, length</th><th role="columnheader" scope="col">What, and what it saw</th><th role="columnheader" scope="col" class="bar">Over time</th></tr></thead>
<tbody role="rowgroup">
${lines(timeline.map((activity) => rowOf(activity, whole)))}
</tbody></table>`;
}

const KINDS: Readonly<Record<Activity['kind'], string>> = { read: 'API', container: 'container', probe: 'probe' };

function rowOf(activity: Activity, whole: number): Html {
  const { kind, vantage, what, saw, result, startMs, durationMs } = activity;
  const from = kind === 'probe' ? `probe from the ${vantage}` : KINDS[kind];
  return html`<tr role="row"><td role="cell" class="when">${startText(startMs)}<br><span class="quiet">${durationMs === null ? 'length unknown' : duration(durationMs)}</span></td>
<td role="cell">${detailsOf(html`<span class="quiet">${from}</span> ${what}`, activity)}
<span class="state ${result}">${STATE_SIGNS[result]} ${STATE_WORDS[result]}</span> ${saw}</td>
<td role="cell" class="bar">${barOf(activity, whole)}</td></tr>`;
}

/** A thing that was done, which unfolds to its command and to what it printed. */
function detailsOf(title: Html, { command, text }: Activity): Html {
  if (command === null && text === null) return html`<div>${title}</div>`;
  return html`<details><summary>${title}</summary>${command === null ? null : commandBlock(command)}${text === null ? null : rawBlock(text)}</details>`;
}

/** `at 12 ms`, `at 1.24 s`: fine enough to tell what came first. */
function startText(ms: number): string {
  return ms < 1000 ? `at ${Math.round(ms)} ms` : `at ${(ms / 1000).toFixed(2)} s`;
}

/** Hidden from screen readers: the numbers stand beside it. */
function barOf({ kind, result, startMs, durationMs }: Activity, whole: number): Html {
  const scale = (ms: number): number => Number(((ms / whole) * 1000).toFixed(1));
  const width = Math.max(6, scale(durationMs ?? 0));
  const x = Math.min(scale(startMs), 1000 - width);
  const name = kind === 'probe' ? `probe-${result}` : kind;
  return html`<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="${name}" x="${x}" y="1" width="${width}" height="8"/></svg>`;
}

function rawBlock(text: string): Html {
  if (text === '')
    return html`<p class="quiet">No output: it was left out of this report, or the tool printed nothing.</p>`;
  const shown = withoutSecrets(text.replaceAll('\r\n', '\n')).replaceAll('\t', '    ');
  const rest = shown.length - MOST_LETTERS;
  const end = rest > 0 ? html`<p class="quiet">The last ${rest} of ${shown.length} letters are left out.</p>` : null;
  return html`<pre tabindex="0" role="region" aria-label="Raw output">${shown.slice(0, MOST_LETTERS)}</pre>${end}`;
}

/** An application may hand out a session with its answer, and this page is there to be passed on. */
function withoutSecrets(text: string): string {
  return text.replace(
    /^([<>] (?:set-cookie|cookie|authorization|proxy-authorization|x-[\w-]*(?:token|key|secret)[\w-]*):)[^\n]*/gim,
    '$1 (left out)',
  );
}

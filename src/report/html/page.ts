/**
 * The report as one file to look at and to pass on: no script, font or picture from elsewhere, readable without a script,
 * on a phone, on paper and by a screen reader.
 */
import { duration } from '../../derive/connects.ts';
import { RUNG_NAMES, RUNGS } from '../../ladder/rung.ts';
import type { Climb } from '../../session/session.ts';
import { commandAgain } from '../again.ts';
import { gapsInShort } from '../gaps.ts';
import { pathOf } from '../path.ts';
import { PROPOSAL_TITLE, proposalLines } from '../proposal.ts';
import type { Report } from '../report.ts';
import { timelineOf } from '../timeline.ts';
import { unseenText, type Way, wayTitle } from '../way.ts';
import { changeText, destinationText, flowText, headline, STATE_SIGNS, STATE_WORDS, VERDICT_SIGNS } from '../words.ts';
import { commandBlock } from './command.ts';
import { findingsOf } from './findings.ts';
import { Html, html, lines } from './html.ts';
import { pictureOf } from './picture.ts';
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './style.ts';
import { waterfallOf } from './waterfall.ts';

const TONES = { healthy: 'ok', fault: 'faulty', inconclusive: 'unknown' } as const;
const VERDICTS: Readonly<Record<Report['verdict'], string>> = {
  healthy: 'Healthy',
  fault: 'A fault was found',
  inconclusive: 'Inconclusive',
};

/** Nothing but this very style and script runs or loads, whatever a text from the cluster holds. */
const POLICY = `default-src 'none'; style-src '${STYLE_HASH}'; script-src '${SCRIPT_HASH}'; img-src data:; base-uri 'none'; form-action 'none'`;

export function renderHtml(report: Report, climb: Climb): string {
  const { source, destination } = report.flow;
  const title = `${source.name} to ${destinationText(destination)}: ${VERDICTS[report.verdict].toLowerCase()}`;
  return html`${new Html('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
${head(report)}
<main>
${sections(report, climb)}
</main>
<footer class="quiet">
<p>Written by kubectl-netdebug ${report.tool.version}. It holds names, addresses and raw output of a cluster: think before you pass it on.</p>
<p id="said" role="status" class="vh"></p>
</footer>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.markup;
}

function head(report: Report): Html {
  const tone = TONES[report.verdict];
  return html`<header>
<div class="verdict ${tone}"><p class="state">${VERDICT_SIGNS[report.verdict]} ${VERDICTS[report.verdict]}</p>
<h1>${headline(report)}</h1></div>
<ul class="facts">
<li>${flowText(report)}</li>
<li>access ${report.flow.access}</li>
<li>took ${duration(report.durationMs)}</li>
<li><time datetime="${report.startedAt}">${report.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time></li>
</ul>
<button type="button" id="unfold" hidden>Unfold everything</button>
</header>`;
}

function sections(report: Report, climb: Climb): Html {
  const { findings, gaps, changes, flow } = report;
  return lines(
    [
      section('path', 'The path', pictureOf(pathOf(report, climb))),
      report.way === undefined ? null : section('way', wayTitle(report.way), wayList(report.way)),
      findings.length === 0 ? null : section('findings', 'Findings', findingsOf(findings)),
      report.proposal === undefined ? null : section('proposal', PROPOSAL_TITLE, list(proposalLines(report.proposal))),
      section('ladder', 'The ladder', ladder(report)),
      gaps.length === 0 ? null : section('gaps', 'What could not be looked at', gapList(report)),
      section('time', 'What was done, and when', waterfallOf(timelineOf(climb), report.durationMs)),
      section(
        'changes',
        'What was left in the cluster',
        changes.length === 0 ? html`<p>This run added nothing to the cluster.</p>` : list(changes.map(changeText)),
      ),
      flow.notes.length === 0 ? null : section('notes', 'Notes', list(flow.notes)),
      section('again', 'To ask again', commandBlock(commandAgain(climb))),
    ].filter((item) => item !== null),
  );
}

function section(id: string, title: string, content: Html): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}
</section>`;
}

/** `node n2, vxlan0: 10.244.2.0, MTU 1450, VXLAN over UDP 4789, to 10.90.0.13` */
function wayList(way: Way): Html {
  const unseen = unseenText(way);
  const places = way.places.map(({ where, device, what, finding }) => {
    const place = [device === null ? where : `${where}, ${device}`, what].filter((part) => part !== '').join(': ');
    const here =
      finding === null
        ? null
        : html` <span class="state faulty">${STATE_SIGNS.faulty} breaks here: finding ${finding}</span>`;
    return html`<li>${place}${here}</li>`;
  });
  return html`<ol>${lines(places)}</ol>${unseen === null ? null : html`<p>${unseen}</p>`}`;
}

function list(items: readonly string[]): Html {
  return html`<ul>${lines(items.map((item) => html`<li>${item}</li>`))}</ul>`;
}

function ladder({ rungs }: Report): Html {
  const rows = RUNGS.map((rung) => {
    const { state, summary } = rungs[rung];
    return html`<tr role="row"><th role="rowheader" scope="row">${rung} ${RUNG_NAMES[rung]}</th><td role="cell"><span class="state ${state}">${STATE_SIGNS[state]} ${STATE_WORDS[state]}</span></td><td role="cell">${summary}</td></tr>`;
  });
  return html`<table class="ladder" role="table"><caption>The five questions in the order in which a request meets them.</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Rung</th><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">What was seen</th></tr></thead>
<tbody role="rowgroup">
${lines(rows)}
</tbody></table>`;
}

function gapList(report: Report): Html {
  return html`<ul>${lines(
    gapsInShort(report).map(
      ({ what, detail, reason, unlock }) =>
        html`<li>${what}: ${detail} (${reason})${unlock === null ? null : html`. To see it:${commandBlock(unlock)}`}</li>`,
    ),
  )}</ul>`;
}

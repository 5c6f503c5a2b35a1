import { describe } from '../../ladder/flow.ts';
import type { Comparison } from '../../rules/rule.ts';
import { type DiffLine, diffLines, doorLists } from '../fix.ts';
import { agoText, NO_PROOF } from '../history.ts';
import type { ReportFinding } from '../report.ts';
import { ROLE_WORDS, STATE_SIGNS } from '../words.ts';
import { commandBlock } from './command.ts';
import { type Html, html, lines } from './html.ts';

/** Every finding in rank order, the answer first. */
export function findingsOf(findings: readonly ReportFinding[]): Html {
  return lines(findings.map((finding, index) => findingOf(finding, index + 1)));
}

function findingOf(finding: ReportFinding, number: number): Html {
  const {
    id,
    role,
    confidence,
    subject,
    summary,
    evidence,
    ruledOut,
    notRuledOut,
    fix,
    explainedBy,
    compare,
    history = [],
  } = finding;
  return html`<article class="finding ${role}" aria-labelledby="finding-${number}">
<h3 id="finding-${number}">${number}. ${summary}</h3>
<p class="quiet">${ROLE_WORDS[role]} · ${confidence} · ${describe(subject)} · ${id}${explainedBy === null ? null : ` · follows from ${explainedBy}`}</p>
${fix.length === 0 ? null : html`<h4>Fix</h4>${lines(fix.map(fixStepOf))}`}
${compare === undefined ? null : comparisonOf(compare)}
${evidence.length === 0 ? null : html`<h4>What was seen</h4>${proofList(evidence)}`}
${history.length === 0 ? null : html`<h4>When: ${NO_PROOF}</h4><ul>${lines(history.map(({ at, secondsBefore, what }) => html`<li>${at} (${agoText(secondsBefore)}): ${what}</li>`))}</ul>`}
${ruledOut.length === 0 ? null : html`<details><summary>Ruled out: ${ruledOut.length} that look alike</summary><ul>${lines(ruledOut.map((item) => html`<li>${item.id}: ${item.because}</li>`))}</ul></details>`}
${notRuledOut.length === 0 ? null : html`<h4>Not ruled out</h4><ul>${lines(notRuledOut.map((item) => html`<li>${item.id}: to tell, ${item.needs}</li>`))}</ul>`}
</article>`;
}

/** What to do, what that changes line by line, and every door it opens or closes besides. */
function fixStepOf(step: ReportFinding['fix'][number]): Html {
  const diff = diffLines(step);
  const doors = doorLists(step).map(
    ({ title, doors }) =>
      html`<details><summary>${title}: ${doors.length}</summary><ul>${lines(doors.map((door) => html`<li>${door}</li>`))}</ul></details>`,
  );
  return html`<p>${step.say}</p>
${diff.length === 0 ? null : diffOf(diff)}
${step.run === undefined ? null : commandBlock(step.run)}
${doors}`;
}

function diffOf(diff: readonly DiffLine[]): Html {
  const rows = diff.map(({ kind, text }) =>
    kind === 'comes'
      ? html`<ins>${text}</ins>`
      : kind === 'goes'
        ? html`<del>${text}</del>`
        : html`<span>${text}</span>`,
  );
  return html`<pre class="diff" tabindex="0" role="region" aria-label="What changes">${lines(rows)}</pre>`;
}

function comparisonOf({ title, rows }: Comparison): Html {
  const head = html`<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Term</th><th role="columnheader" scope="col">Needs</th><th role="columnheader" scope="col">Has</th><th role="columnheader" scope="col">Fits</th></tr></thead>`;
  const body = rows.map(({ what, needs, has, ok }) => {
    const state = ok ? 'ok' : 'faulty';
    return html`<tr role="row"><th role="rowheader" scope="row">${what}</th><td role="cell">needs ${needs}</td><td role="cell">has ${has}</td><td role="cell"><span class="state ${state}">${STATE_SIGNS[state]} ${ok ? 'fits' : 'differs'}</span></td></tr>`;
  });
  return html`<table class="compare" role="table"><caption>${title}</caption>
${head}
<tbody role="rowgroup">
${lines(body)}
</tbody></table>`;
}

function proofList(evidence: ReportFinding['evidence']): Html {
  return html`<ul class="proofs" role="list">${lines(
    evidence.map(
      ({ vantage, saw, command }) =>
        html`<li>${command === '' ? html`<span class="quiet">${vantage}</span> ${saw}` : html`<details><summary><span class="quiet">${vantage}</span> ${saw}</summary>${commandBlock(command)}</details>`}</li>`,
    ),
  )}</ul>`;
}

// The pages for the web, made of the pages and the registry of the rules.

import { rulesWithout } from '../../src/cli/permissions.ts';
import { API_COLLECTORS } from '../../src/collect/api.ts';
import { PERMISSIONS } from '../../src/collect/permissions.ts';
import { type ApiKind, type EvidenceKind, vantageOf } from '../../src/evidence/evidence.ts';
import { ACCESS_LEVELS, type Access } from '../../src/ladder/access.ts';
import { RUNG_NAMES, RUNG_QUESTIONS, RUNGS } from '../../src/ladder/rung.ts';
import type { Page } from '../../src/pages/page.ts';
import { RULES } from '../../src/rules/index.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { PLACES, resourcesOf, table } from './readme.ts';

/** Every file below docs that is generated: its path there, and its text. */
export function docsFiles(pages: readonly Page[]): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', indexPage(pages)],
    ['permissions.md', permissionsPage()],
    ...pages.map((page) => [`causes/${page.id}.md`, causePage(page, pages)] as const),
  ]);
}

function indexPage(pages: readonly Page[]): string {
  const groups = [...RUNGS, null].flatMap((rung) => {
    const mine = pages.filter((page) => page.rung === rung);
    if (mine.length === 0) return [];
    return [
      rung === null ? '## Beside the ladder' : `## ${rung} ${RUNG_NAMES[rung]}`,
      '',
      ...(rung === null ? [] : [`${sentence(RUNG_QUESTIONS[rung])}`, '']),
      ...mine.map((page) => `- [${page.title}](causes/${page.id}.md) \`${page.id}\``),
      '',
    ];
  });
  return `${written('src/rules and src/pages')}
# What netdebug can name

One page per finding: what it is, how it is recognised, what looks the same, how to mend it, and when the finding is
wrong. In a terminal: \`kubectl netdebug explain ID\`.

${groups.join('\n')}
## By what programs print

The same message has many causes; \`kubectl netdebug SOURCE DESTINATION\` finds out which one it is. In a terminal:
\`kubectl netdebug explain connection refused\`.

${messageTable(pages)}
`;
}

function permissionsPage(): string {
  const rows = PERMISSIONS.map((permission) => {
    const { access, place, verbs, tells } = permission;
    const { open, unsure } = rulesWithout(permission);
    const rights = `${verbs.join(', ')}: ${resourcesOf(permission).join(', ')}`;
    return [`\`${access}\``, PLACES[place], rights, tells, rulesText(open), rulesText(unsure)];
  });
  return `${written('src/collect/permissions.ts')}
# Every right that netdebug uses

Each is optional: what is missing is named in the report. \`kubectl netdebug permissions --access LEVEL\` prints those of a level as
ClusterRoles to review and apply, with \`-n NAMESPACE\` as Roles. A level uses those of the levels above it in this table too. Secrets
are never read.

${table(['level', 'where', 'rights', 'for', 'without it not judged', 'without it less certain'], rows)}
`;
}

/** Ids of rules; a rung of which all are meant is named instead. */
function rulesText(ids: readonly string[]): string {
  const names = RUNGS.flatMap((rung) => {
    const all = RULES.filter((rule) => rule.rung === rung).map(({ id }) => id);
    const mine = all.filter((id) => ids.includes(id));
    return mine.length > 1 && mine.length === all.length
      ? [`all of ${rung} ${RUNG_NAMES[rung]}`]
      : mine.map((id) => `[${id}](causes/${id}.md)`);
  });
  return names.length === 0 ? '·' : names.join(', ');
}

/** A row per message, with the pages that have it, the more typical first. */
function messageTable(pages: readonly Page[]): string {
  const messages = [...new Set(pages.flatMap((page) => page.messages))].sort((a, b) => a.localeCompare(b, 'en'));
  const rows = messages.map((message) => {
    const fitting = pages
      .filter((page) => page.messages.includes(message))
      .sort((a, b) => a.messages.indexOf(message) - b.messages.indexOf(message));
    return [`\`${message}\``, fitting.map(({ id }) => `[${id}](causes/${id}.md)`).join(', ')];
  });
  return table(['message', 'may be'], rows);
}

function causePage(page: Page, pages: readonly Page[]): string {
  const rule = RULES.find(({ id }) => id === page.id);
  const place = page.rung === null ? [] : [`${page.rung} ${RUNG_NAMES[page.rung]}`];
  const ids = pages.map(({ id }) => id).filter((id) => id !== page.id);
  const source =
    rule === undefined ? `src/rules/${page.id}.md` : `src/rules/${RUNG_NAMES[rule.rung].toLowerCase()}/${page.id}.md`;
  return `${written(source)}
[All causes](../README.md) · ${[...place, `\`${page.id}\``, ...(rule === undefined ? [] : [accessText(rule)])].join(' · ')}

${withLinks(page.markdown, ids).trim()}
${rule === undefined || rule.explains.length === 0 ? '' : `\n## What follows from it\n\nReported as a consequence, not as a second cause: ${rule.explains.map((id) => linkTo(id, ids)).join(', ')}.\n`}`;
}

/** `needs access api, knows more with source`. */
function accessText({ needs, uses }: Rule): string {
  const least = highest(needs.map(levelOf));
  const most = highest([least, ...uses.map(levelOf)]);
  return `needs access \`${least}\`${most === least ? '' : `, knows more with \`${most}\``}`;
}

/** The access without which this evidence is never there. */
function levelOf(kind: EvidenceKind): Access {
  const vantage = vantageOf(kind);
  if (vantage !== 'api') return vantage;
  return highest(API_COLLECTORS[kind as ApiKind].after.map(levelOf));
}

function highest(levels: readonly Access[]): Access {
  return ACCESS_LEVELS[Math.max(0, ...levels.map((level) => ACCESS_LEVELS.indexOf(level)))] ?? 'api';
}

/** Ids in backticks become links to their pages; code blocks stay as they are. */
function withLinks(markdown: string, ids: readonly string[]): string {
  return markdown
    .split(/(^```[\s\S]*?^```$)/m)
    .map((part) =>
      part.startsWith('```') ? part : part.replaceAll(/`([a-z0-9-]+)`/g, (_, id: string) => linkTo(id, ids)),
    )
    .join('');
}

function linkTo(id: string, ids: readonly string[]): string {
  return ids.includes(id) ? `[\`${id}\`](${id}.md)` : `\`${id}\``;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function written(source: string): string {
  return `<!-- Written by "npm run docs" from ${source}: change that, not this. -->\n`;
}

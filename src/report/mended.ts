import { describe } from '../ladder/flow.ts';
import type { Report } from './report.ts';
import { causeOf, mendingCommand } from './words.ts';

/**
 * What was wrong before all was well, for the note that somebody writes about the night: the cause that an earlier check of the same
 * flow found, and what it said to type. Empty unless there was one and the flow is healthy now.
 */
export function mendedLines(before: Report | null, after: Report): readonly string[] {
  const cause = before === null ? undefined : causeOf(before);
  if (before === null || cause === undefined || after.verdict !== 'healthy') return [];
  const run = mendingCommand(before);
  return [
    `Before  ${cause.summary}`,
    `        ${cause.id} · ${cause.confidence} · ${describe(cause.subject)}`,
    ...(run === null ? [] : [`        Its fix: ${run}`]),
  ];
}

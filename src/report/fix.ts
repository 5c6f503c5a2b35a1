/** What a step of a fix changes, for whoever is about to run it. */
import type { FixStep } from '../rules/rule.ts';

/** One line of a unified diff; a hunk's numbers and the names of the files are left out. */
export interface DiffLine {
  readonly kind: 'comes' | 'goes' | 'stays';
  /** With its sign in the first column, as in the diff. */
  readonly text: string;
}

/** The lines of a step's diff in order; none where it has no diff. */
export function diffLines({ diff = '' }: Pick<FixStep, 'diff'>): readonly DiffLine[] {
  return diff
    .split('\n')
    .filter((text) => /^[-+ ]/.test(text) && !/^(?:---|\+\+\+) /.test(text))
    .map((text) => ({ kind: text.startsWith('+') ? 'comes' : text.startsWith('-') ? 'goes' : 'stays', text }));
}

/** What goes and what comes, without the lines around it. */
export function changedLines(step: Pick<FixStep, 'diff'>): readonly DiffLine[] {
  return diffLines(step).filter(({ kind }) => kind !== 'stays');
}

/** `Opens besides this flow`, with every door; empty for what opens and closes nothing else, or where that was not judged. */
export function doorLists({ opens = [], closes = [] }: Pick<FixStep, 'opens' | 'closes'>): readonly {
  readonly title: string;
  readonly doors: readonly string[];
}[] {
  return [
    { title: 'Opens besides this flow', doors: opens },
    { title: 'Closes', doors: closes },
  ].filter(({ doors }) => doors.length > 0);
}

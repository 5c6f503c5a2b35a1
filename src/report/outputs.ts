/** What `-o` takes. A renderer is loaded when it is used: this table is read on every start, what it names is not. */
import type { Climb } from '../session/session.ts';
import type { Report } from './report.ts';
import type { TextOptions } from './text.ts';

/** A finished run as one text, which ends with a line feed. */
export type Renderer = (report: Report, climb: Climb, options: TextOptions) => string;

export const RENDERERS = {
  text: async () => {
    const { renderText } = await import('./text.ts');
    return (report, _climb, options) => renderText(report, options);
  },
  json: async () => (report) => `${JSON.stringify(report, null, 2)}\n`,
  markdown: async () => (await import('./markdown.ts')).renderMarkdown,
  html: async () => (await import('./html/page.ts')).renderHtml,
  junit: async () => (await import('./junit.ts')).renderJunit,
} as const satisfies Readonly<Record<string, () => Promise<Renderer>>>;

export type Rendered = keyof typeof RENDERERS;

export const RENDERED = Object.keys(RENDERERS) as readonly Rendered[];

/** The report of a run in one of the forms of `-o`. */
export async function render(
  output: Rendered,
  run: { readonly report: Report; readonly climb: Climb },
  options: TextOptions,
): Promise<string> {
  const renderer: Renderer = await RENDERERS[output]();
  return renderer(run.report, run.climb, options);
}

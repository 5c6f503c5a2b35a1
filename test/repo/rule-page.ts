const SECTIONS = [
  '## What it is',
  '## How netdebug recognises it',
  '## Look-alikes',
  '## Fix',
  '## When this is wrong',
  '## Sources',
];

/** What is wrong with the page of a rule: its headings and their order, and sections without a word. Empty when all is well. */
export function pageProblems(markdown: string): string[] {
  const lines = outsideCode(markdown);
  const headings = lines.filter((line) => /^#{1,2} /.test(line));
  const [title, ...sections] = headings;
  if (title === undefined || !/^# \S/.test(title)) return ['does not begin with a "# title"'];
  if (sections.join('\n') !== SECTIONS.join('\n')) {
    return [`has the sections ${sections.join(', ') || 'none'}; it needs ${SECTIONS.join(', ')}, in this order`];
  }
  const bodies = lines
    .join('\n')
    .split(/^#{1,2} .*$/m)
    .slice(2);
  return SECTIONS.filter((_, index) => bodies[index]?.trim() === '').map(
    (section) => `says nothing under "${section}"`,
  );
}

/** A line in a fenced block stands for itself as "```", so that a shell comment is no heading and an example is some text. */
function outsideCode(markdown: string): string[] {
  let isCode = false;
  return markdown.split('\n').map((line) => {
    const isFence = line.trimStart().startsWith('```');
    if (isFence) isCode = !isCode;
    return isCode || isFence ? '```' : line;
  });
}

/**
 * What would show that a finding is wrong, from its page: the items below `When this is wrong`, one string each. None when the
 * page has no such section.
 */
export function unlessOf(markdown: string): readonly string[] {
  const [, section = ''] = /^## When this is wrong\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(markdown) ?? [];
  return section
    .split(/^- /m)
    .slice(1)
    .map((item) => item.replaceAll(/\s+/g, ' ').replaceAll(/[`*]/g, '').trim());
}

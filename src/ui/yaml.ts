/** A plain value as YAML, as kubectl would print it. Enough for a container; no anchors, no tags. */
export function yamlLines(value: unknown, indent = ''): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const [first = '', ...rest] = nested(item, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  if (value !== null && typeof value === 'object') {
    return Object.entries(value)
      .flatMap(([key, item]) => {
        if (typeof item === 'string' && item.includes('\n')) return [`${indent}${key}: ${text(item, `${indent}  `)}`];
        if (isEmptyOrScalar(item)) return [`${indent}${key}: ${scalar(item)}`];
        return [`${indent}${key}:`, ...yamlLines(item, Array.isArray(item) ? indent : `${indent}  `)];
      })
      .flatMap((row) => row.split('\n'));
  }
  return [`${indent}${scalar(value)}`];
}

function nested(item: unknown, indent: string): readonly string[] {
  if (typeof item === 'string' && item.includes('\n')) return text(item, indent).split('\n');
  return isEmptyOrScalar(item) ? [scalar(item)] : yamlLines(item, indent);
}

function text(value: string, indent: string): string {
  return `|-\n${value
    .split('\n')
    .map((row) => indent + row)
    .join('\n')}`;
}

function isEmptyOrScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object' || Object.keys(value).length === 0;
}

/** A string that YAML could take for something else is quoted. */
function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[A-Za-z/][A-Za-z0-9_./:-]*$/.test(value) &&
    !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value) &&
    !value.endsWith(':')
    ? value
    : JSON.stringify(value);
}

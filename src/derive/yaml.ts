import { dump } from 'js-yaml';

/** A plain value as YAML, laid out as kubectl prints it: lists not indented, nothing folded. Strings that YAML could take for something else are quoted. */
export function toYaml(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true, seqNoIndent: true }).trimEnd();
}

/** A command that creates or changes this object, to be pasted into a shell as it is. */
export function applyCommand(object: unknown): string {
  return `kubectl apply -f - <<'EOF'\n${toYaml(object)}\nEOF`;
}

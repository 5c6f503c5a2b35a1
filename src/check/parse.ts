import { isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type * as z from 'zod/mini';
import { nearNames } from '../derive/names.ts';

import { BadName, parseDestination, parseName, protocolNamed } from '../target/parse.ts';
import { type CheckedFlow, ChecksDocument, FILE_KEYS, FLOW_KEYS, type Key, TAKES } from './checks.ts';

/** What is wrong in a file, and where; line and column count from 1. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type ParsedFile =
  | { readonly ok: true; readonly flows: readonly CheckedFlow[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

type YamlDocument = ReturnType<typeof parseYaml>[number];
type Path = readonly PropertyKey[];

const parseYaml = (text: string, lines: LineCounter) => [
  ...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false }),
];

/**
 * Reads YAML or JSON, one document or several.
 *
 * @param file  as the user named it, for the messages
 * @param ids   of all findings, which `because` may name
 * @returns the flows in their order, or everything that is wrong with the file
 */
export function parseChecks(text: string, file: string, ids: readonly string[]): ParsedFile {
  const lines = new LineCounter();
  const documents = parseYaml(text, lines);
  const at = (offset: number, message: string): FileProblem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), message };
  };
  const broken = documents.flatMap(({ errors }) =>
    errors.map((error) => at(error.pos[0], `this is no YAML: ${sentence(error.message)}`)),
  );
  if (broken.length > 0) return { ok: false, problems: broken };

  const flows: CheckedFlow[] = [];
  const problems: FileProblem[] = [];
  for (const document of documents) {
    // `---` at the end of a file opens a document with nothing in it.
    if (isEmpty(document)) continue;
    const written = plain(document);
    if (written.problem !== undefined) {
      problems.push(at(0, written.problem));
      continue;
    }
    const parsed = ChecksDocument.safeParse(written.value);
    if (!parsed.success) {
      problems.push(
        ...parsed.error.issues
          .flatMap((issue) => complaints(issue, written.value))
          .map(({ path, key, message }) => at(offsetOf(document, path, key), message)),
      );
      continue;
    }
    for (const [index, flow] of parsed.data.flows.entries()) {
      const path = ['flows', index];
      problems.push(...doubts(flow, ids).map(({ key, message }) => at(offsetOf(document, [...path, ...key]), message)));
      flows.push({
        name: flow.name ?? null,
        namespace: flow.namespace ?? parsed.data.namespace ?? null,
        from: flow.from,
        to: flow.to,
        port: flow.port ?? null,
        protocol: protocolNamed(flow.protocol ?? ''),
        expect: flow.expect,
        because: flow.because === undefined ? [] : [flow.because].flat(),
        why: flow.why ?? null,
        at: { file, line: lines.linePos(offsetOf(document, path)).line },
      });
    }
  }
  if (problems.length > 0)
    return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
  if (flows.length === 0)
    return {
      ok: false,
      problems: [
        at(0, `there are no flows in it. It begins with apiVersion: ${TAKES.apiVersion}, kind: ${TAKES.kind}.`),
      ],
    };
  return { ok: true, flows };
}

/** Nothing, or only comments. */
export function isEmpty({ contents }: { readonly contents: unknown }): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

/** Aliases can be nested until they fill the memory; the library stops at that. */
function plain(document: YamlDocument): { value: unknown; problem?: undefined } | { problem: string } {
  try {
    return { value: document.toJS() as unknown };
  } catch (error) {
    return { problem: `this cannot be read: ${sentence(error instanceof Error ? error.message : String(error))}` };
  }
}

interface Complaint {
  readonly path: Path;
  /** The key itself is meant, not its value. */
  readonly key?: string;
  readonly message: string;
}

/** What zod found, in words. */
function complaints(issue: z.core.$ZodIssue, written: unknown): readonly Complaint[] {
  const { path } = issue;
  const inFlow = path[0] === 'flows' && path.length >= 2;
  if (issue.code === 'unrecognized_keys') {
    const keys: readonly string[] = inFlow ? FLOW_KEYS : FILE_KEYS;
    return issue.keys.map((key) => ({
      path,
      key,
      message: `"${key}" is no key of ${inFlow ? 'a flow' : 'this file'}${meant(key, keys)}. There are ${listed(keys)}.`,
    }));
  }
  const value = path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null)?.[key], written);
  const key = path.findLast((part) => typeof part === 'string') as Key | undefined;
  if (key === undefined)
    return [{ path, message: `a file of checks has the keys ${listed(FILE_KEYS)}; this is ${kindOf(value)}.` }];
  const last = path.at(-1);
  if (key === 'flows' && typeof last === 'number')
    return [{ path, message: `a flow has the keys ${listed(FLOW_KEYS)}; this is ${kindOf(value)}.` }];
  if (value === undefined) {
    const parent = path.slice(0, -1);
    return [
      { path: parent, message: `${inFlow ? 'this flow' : 'this document'} has no ${key}; it takes ${TAKES[key]}.` },
    ];
  }
  return [{ path, message: `${key}: ${shown(value)}: it takes ${TAKES[key]}.` }];
}

/** What is well-formed and still cannot be meant. */
function doubts(
  flow: ChecksDocument['flows'][number],
  ids: readonly string[],
): readonly { readonly key: Path; readonly message: string }[] {
  const because = flow.because === undefined ? [] : [flow.because].flat();
  const badName = (key: 'from' | 'to', parse: () => void): readonly { key: Path; message: string }[] => {
    try {
      parse();
      return [];
    } catch (error) {
      if (!(error instanceof BadName)) throw error;
      return [{ key: [key], message: `${key}: ${error.message} It takes ${TAKES[key]}.` }];
    }
  };
  let typedPort: number | string | null = null;
  return [
    ...badName('from', () => void parseName(flow.from)),
    ...badName('to', () => {
      typedPort = parseDestination(flow.to).port;
    }),
    ...(typedPort !== null && flow.port !== undefined && flow.port !== typedPort
      ? [{ key: ['port'], message: `port: ${flow.port}: ${flow.to} names another port; leave one of the two out.` }]
      : []),
    ...(because.length > 0 && flow.expect === 'reachable'
      ? [{ key: ['because'], message: 'because: it says why a flow is unreachable, and this one is to be reachable.' }]
      : []),
    ...because.flatMap((id, index) =>
      ids.includes(id)
        ? []
        : [
            {
              key: Array.isArray(flow.because) ? ['because', index] : ['because'],
              message: `because: ${id}: no finding has this id${meant(id, ids)}. To see all: kubectl netdebug explain`,
            },
          ],
    ),
  ];
}

/** Where a value begins, or the key beside it; of what is not there, where that begins which should hold it. */
function offsetOf(document: YamlDocument, path: Path, key?: string): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (key !== undefined && isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0] ?? 0;
  }
  if (isNode(node) && node.range) return node.range[0];
  return path.length === 0 ? (document.range?.[0] ?? 0) : offsetOf(document, path.slice(0, -1));
}

function meant(typed: string, known: readonly string[]): string {
  const near = nearNames(typed, known);
  return near.length === 0 ? '' : `; the closest ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}`;
}

function listed(keys: readonly string[]): string {
  return `${keys.slice(0, -1).join(', ')} and ${keys.at(-1)}`;
}

function shown(value: unknown): string {
  if (value === null) return 'nothing';
  return typeof value === 'object' ? kindOf(value) : JSON.stringify(value).replace(/^"([\w.:/-]+)"$/, '$1');
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `"${String(value)}"`;
}

function sentence(text: string): string {
  const first = text.split('\n')[0] ?? '';
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** The file of `check`: flows kept in git, each with what is expected of it. Its words are those of the command line. */
import * as z from 'zod/mini';
import type { Protocol } from '../ladder/flow.ts';

/**
 * Written as a Kubernetes object is, so that a person who knows those reads it at once and a later shape can be told apart. No
 * API server has this group, and `kubectl apply` refuses the file.
 */
export const API_VERSION = 'netdebug/v1';
export const KIND = 'Checks';

export const EXPECTATIONS = ['reachable', 'unreachable'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

/** What each key takes, as it is said to a person and to an editor: it continues "it takes". */
export const TAKES = {
  apiVersion: API_VERSION,
  kind: KIND,
  flows: 'a list of flows, at least one',
  name: 'a name for the output; without it the flow is shown as FROM → TO',
  namespace: 'a namespace: that of the source, and of the destination unless it says otherwise, as with -n',
  from: 'a Pod or a workload: web, deploy/web, sts/db, web.shop',
  to: 'what is to be reached: api, api:80, db.data:5432, pod/web-0, an address, a host name, a URL',
  port: 'a number from 1 to 65535, or the name of a Service port',
  protocol: 'tcp, udp or sctp',
  expect: 'reachable or unreachable',
  because: 'the id of the finding that makes it unreachable, or a list of ids that must all be found',
  why: 'a sentence for whoever reads a failure: what this flow is good for',
} as const;

export type Key = keyof typeof TAKES;

const text = z.string().check(z.minLength(1));
/** The description is what editors show beside a key. */
const about = (key: Key) => z.describe<unknown>(`Takes ${TAKES[key]}.`);

/** @param ids  of all findings that can be expected; only the schema for editors lists them */
function flowSchema(ids: readonly string[] | null) {
  const id = ids === null ? text : z.enum(Object.fromEntries(ids.map((one) => [one, one])));
  return z.strictObject({
    name: z.optional(text.check(about('name'))),
    namespace: z.optional(text.check(about('namespace'))),
    from: text.check(about('from')),
    to: text.check(about('to')),
    port: z.optional(
      z
        .union([z.int().check(z.gte(1), z.lte(65_535)), z.string().check(z.regex(/^[a-z0-9-]*[a-z][a-z0-9-]*$/))])
        .check(about('port')),
    ),
    protocol: z.optional(z.enum(['tcp', 'udp', 'sctp', 'TCP', 'UDP', 'SCTP']).check(about('protocol'))),
    expect: z.enum(EXPECTATIONS).check(about('expect')),
    because: z.optional(z.union([id, z.array(id).check(z.minLength(1))]).check(about('because'))),
    why: z.optional(text.check(about('why'))),
  });
}

function checksSchema(ids: readonly string[] | null) {
  return z.strictObject({
    apiVersion: z.literal(API_VERSION).check(about('apiVersion')),
    kind: z.literal(KIND).check(about('kind')),
    namespace: z.optional(text.check(about('namespace'))),
    flows: z.array(flowSchema(ids)).check(z.minLength(1), about('flows')),
  });
}

/** One document of a file, as it is written. Whether the ids of `because` exist is checked apart, for a better sentence. */
export const ChecksDocument = checksSchema(null);
export type ChecksDocument = z.infer<typeof ChecksDocument>;

export const FILE_KEYS = ['apiVersion', 'kind', 'namespace', 'flows'] as const satisfies readonly Key[];
export const FLOW_KEYS = [
  'name',
  'namespace',
  'from',
  'to',
  'port',
  'protocol',
  'expect',
  'because',
  'why',
] as const satisfies readonly Key[];

/** The JSON Schema (draft 2020-12) by which an editor completes and checks such a file. */
export function editorSchema(ids: readonly string[]): Record<string, unknown> {
  return {
    title: 'Flows that kubectl netdebug checks',
    ...z.toJSONSchema(checksSchema(ids), { io: 'input' }),
  };
}

/** One flow of a file and what is expected of it. */
export interface CheckedFlow {
  readonly name: string | null;
  /** Null: that of the command line. */
  readonly namespace: string | null;
  readonly from: string;
  readonly to: string;
  readonly port: number | string | null;
  readonly protocol: Protocol | null;
  readonly expect: Expectation;
  /** Ids of findings, all of which must be found; empty: any reason will do. */
  readonly because: readonly string[];
  readonly why: string | null;
  readonly at: { readonly file: string; readonly line: number };
}

/** Texts that try to be more than text, and a run that has one of them wherever a cluster could put it. */
import fc from 'fast-check';
import type { Report } from '../../src/report/report.ts';
import type { Climb } from '../../src/session/session.ts';
import { runOf } from '../support/run.ts';
import {
  apiPod,
  dnsService,
  endpointsOf,
  found,
  missing,
  namespace,
  node,
  pod,
  policy,
  service,
  WEB_TO_API,
  world,
} from '../support/world.ts';

const NASTY = [
  '</script><script>alert(1)</script>',
  '</style>',
  '<!--',
  '-->',
  ']]>',
  '<![CDATA[',
  '<img src=x onerror=alert(1)>',
  '" onload="alert(1)',
  "' x='",
  '</title>',
  '</textarea></pre></svg>',
  '&lt;b&gt;',
  '&#0;',
  '`',
  '```',
  '````\n',
  '~~~',
  '|',
  '\\',
  '\\|',
  '\n',
  '\n\n',
  '\r',
  '\n# ',
  '\n- ',
  '\n---\n',
  '\n===\n',
  '1. ',
  '- ',
  '+ ',
  '> ',
  '# ',
  '    ',
  '\t',
  '**',
  '_',
  '[x](javascript:alert(1))',
  '![x](http://x.example/x.png)',
  '[x]: http://x.example',
  '<http://x.example>',
  '$x$',
  '{code}',
  '\u0000',
  '\u001b[31m',
  '\u0085',
  '\u2028',
  '\u202e',
  '\ud800',
  '\uffff',
  'ünïcödé',
  '日本',
] as const;

/** At least one letter to be seen, and anything else. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 5 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''))
  .chain((text) => fc.constantFrom(`${text}x`, `x${text}`, `x${text}x`));

/** Stands in the run below wherever a cluster could put a text. */
const HERE = 'qqqq';

/** A faulty run in which every name, message, command and output is this text. */
export function hostileRun(text: string): { readonly report: Report; readonly climb: Climb } {
  return replaceIn(places, text);
}

function replaceIn<T>(value: T, text: string): T {
  if (typeof value === 'string') return value.replaceAll(HERE, () => text) as T;
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, text)) as T;
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [replaceIn(key, text), replaceIn(item, text)]),
    ) as T;
  return value;
}

const places = hostilePlaces();

function hostilePlaces(): { readonly report: Report; readonly climb: Climb } {
  const text = HERE;
  const source = pod({ name: text, namespace: text, node: `${text}1`, labels: { app: text } });
  const [one, two] = [
    apiPod('a', { name: `${text}a`, node: `${text}1` }),
    apiPod('b', { name: `${text}b`, node: text }),
  ];
  const run = runOf({
    evidence: world({
      sourcePod: found(source),
      service: found(service({ name: text, namespace: text })),
      endpoints: endpointsOf([one, two]),
      namespaces: [namespace(text)],
      nodes: [node(`${text}1`), node(text)],
      policies: [policy(text, { podSelector: { matchLabels: { app: text } }, policyTypes: ['Ingress'] }, text)],
      dnsService: found(dnsService),
      events: missing('forbidden', text, text),
    }),
    flow: {
      ...WEB_TO_API,
      source: { namespace: text, name: text },
      destination: { kind: 'Service', namespace: text, name: text },
      typed: text,
      dnsName: text,
      notes: [text],
    },
    network: (address) => (address === '10.244.2.11' ? 'lost' : 'answered'),
    print: (printed) => `${printed}${text}`,
  });
  const full: Report = {
    ...run.report,
    verdict: 'fault',
    rungs: {
      D: { state: 'ok', summary: text },
      E: { state: 'ok', summary: text },
      P: { state: 'faulty', summary: text },
      N: { state: 'unknown', summary: text },
      X: { state: 'not-applicable', summary: text },
    },
    findings: [
      {
        id: text,
        rung: 'P',
        role: 'cause',
        confidence: 'likely',
        subject: { kind: 'Service', namespace: text, name: text },
        summary: text,
        evidence: [{ vantage: 'source', command: text, saw: text }],
        ruledOut: [{ id: text, because: text }],
        notRuledOut: [{ id: text, needs: text }],
        fix: [{ say: text, run: text }, { say: text }],
        explainedBy: text,
        history: [{ at: text, secondsBefore: 1, what: text }],
        compare: { title: text, rows: [{ what: text, needs: text, has: text, ok: false }] },
      },
      {
        id: text,
        rung: 'N',
        role: 'risk',
        confidence: 'possible',
        subject: { kind: 'Pod', name: text },
        summary: text,
        evidence: [],
        ruledOut: [],
        notRuledOut: [],
        fix: [],
        explainedBy: null,
      },
    ],
    gaps: [{ what: text, reason: 'unreadable', detail: text, unlock: text }],
    changes: [{ kind: 'EphemeralContainer', namespace: text, name: text, in: text, left: true, readyAfterMs: 1 }],
  };
  return { report: full, climb: run.climb };
}

/** What a folder of src may import beyond itself, and why it is no more. */
export interface Direction {
  readonly folders: readonly string[] | 'all';
  /** Exact package names, `node:*` for Node's own modules. Sub-paths of a package count as the package. */
  readonly packages: readonly string[];
  readonly why: string;
}

const JUDGING = ['ladder', 'evidence', 'netpol', 'dns', 'derive'];

/** Judging sits in the middle and knows nothing about the outside; the outside knows the middle. */
export const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ladder: { folders: [], packages: [], why: 'the words everything else is said in' },
  evidence: { folders: ['ladder'], packages: ['zod'], why: 'the shape of what was seen; zod reads it from outside' },
  netpol: {
    folders: ['ladder', 'evidence'],
    packages: ['ipaddr.js'],
    why: 'NetworkPolicy as a pure function; CIDR arithmetic of both families is not ours',
  },
  dns: {
    folders: ['evidence'],
    packages: [],
    why: 'how names are completed and what a Corefile says about them; pure',
  },
  probes: { folders: ['ladder', 'evidence'], packages: [], why: 'a command to run and how to read its output; pure' },
  derive: {
    folders: ['ladder', 'evidence', 'netpol', 'dns'],
    packages: ['diff', 'js-yaml'],
    why: 'facts that several rules share, and how objects are written for people',
  },
  rules: { folders: JUDGING, packages: [], why: 'a rule judges evidence; it cannot reach cluster, clock or screen' },
  diagnose: { folders: [...JUDGING, 'rules'], packages: [], why: 'asks every rule and ranks the answers' },
  report: {
    folders: [...JUDGING, 'probes', 'rules', 'diagnose', 'session', 'collect'],
    packages: ['zod'],
    why: 'a run and its diagnosis as text or data',
  },
  pages: {
    folders: ['ladder'],
    packages: ['marked'],
    why: 'the pages behind `explain`, found and drawn; started without cluster, screen or rules',
  },
  check: {
    folders: ['derive', 'ladder', 'report', 'session', 'target'],
    packages: ['yaml', 'zod'],
    why: 'a file of expected flows, and reports judged against it; pure',
  },
  session: {
    folders: [...JUDGING, 'probes', 'collect'],
    packages: [],
    why: 'the run as a pure reducer, which makes it replayable; it plans what to collect and reads what came, and does neither itself',
  },
  collect: {
    folders: [...JUDGING, 'probes'],
    packages: ['zod'],
    why: 'what to ask, through ports; adapters do the asking',
  },
  target: {
    folders: [...JUDGING, 'collect'],
    packages: ['zod'],
    why: 'names to targets, with what was collected',
  },
  choose: {
    folders: [...JUDGING, 'collect', 'target'],
    packages: ['fuzzysort', 'zod'],
    why: 'what can be asked about, as lists to choose from; pure, what is listed is read by cli',
  },
  recording: {
    folders: [...JUDGING, 'probes', 'report', 'session'],
    packages: ['zod', 'ipaddr.js'],
    why: 'a run as a file, played and redacted; the file itself is opened by cli',
  },
  diff: {
    folders: [...JUDGING, 'collect', 'diagnose', 'report'],
    packages: [],
    why: 'two runs beside each other; pure',
  },
  demo: { folders: [], packages: [], why: 'which incidents there are; their run files are data' },
  ui: {
    folders: ['choose', 'derive', 'ladder', 'evidence', 'diagnose', 'report', 'session'],
    packages: ['ink', 'ink-select-input', 'react', 'string-width'],
    why: 'draws a session and sends events; whatever acts is out of its reach',
  },
  adapters: {
    folders: ['ladder', 'evidence', 'probes', 'collect'],
    packages: ['js-yaml', '@kubernetes/client-node', 'ws', 'node:*'],
    why: 'the only way to cluster, processes and terminal',
  },
  runner: {
    folders: [...JUDGING, 'probes', 'rules', 'diagnose', 'report', 'session', 'collect', 'target', 'adapters'],
    packages: ['node:*'],
    why: 'performs the effects of a session, with any UI or none',
  },
  cli: {
    folders: 'all',
    packages: ['zod', 'node:*', 'virtual:rule-pages', 'virtual:demo-recordings'],
    why: 'wires everything, and prints the rule pages',
  },
  'main.ts': { folders: 'all', packages: ['node:*'], why: 'starts cli; no package, so that a start stays fast' },
};

/** Packages that even in an allowed folder only some files may import. */
export const ONLY_IN: Readonly<Record<string, { readonly files: RegExp; readonly why: string }>> = {
  ws: {
    files: /^adapters\/kube-exec/,
    why: 'the socket that client-node would make, with the words of a refusal kept',
  },
  '@kubernetes/client-node': {
    files: /^adapters\/kube-/,
    why: 'its types change with every release and its index loads 24 MB',
  },
};

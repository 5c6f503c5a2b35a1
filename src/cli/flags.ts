/** Every flag of the command line: what it takes, what it means. `--help` and the parser are made of this list. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What it takes; absent: it is a switch. */
  readonly value?: string;
  readonly multiple?: true;
  readonly help: string;
  readonly group: 'run' | 'output' | 'connection';
}

export const FLAGS = [
  {
    name: 'namespace',
    short: 'n',
    value: 'NAME',
    group: 'connection',
    help: 'namespace of the source, and of the destination unless it says otherwise',
  },
  {
    name: 'port',
    value: 'PORT',
    group: 'run',
    help: 'port number or Service port name; the same as :PORT behind the destination',
  },
  { name: 'protocol', value: 'tcp|udp|sctp', group: 'run', help: "default: the Service's, else tcp" },
  {
    name: 'access',
    value: 'api|source|backend|node',
    group: 'run',
    help: 'what may happen in the cluster; without a terminal the default is api',
  },
  { name: 'yes', short: 'y', group: 'run', help: 'accept the plan that would be proposed (never node)' },
  {
    name: 'image',
    value: 'IMAGE',
    group: 'run',
    help: 'image of the debug container; default nicolaka/netshoot:v0.16',
  },
  { name: 'image-pull-policy', value: 'IfNotPresent|Always|Never', group: 'run', help: 'default IfNotPresent' },
  {
    name: 'profile',
    value: 'auto|restricted|baseline|general|netadmin',
    group: 'run',
    help: 'rights of the debug container; auto takes the strongest the namespace admits',
  },
  {
    name: 'timeout',
    value: 'DURATION',
    group: 'run',
    help: 'end the run after this long with what is known by then, for example 30s; default 2m',
  },
  {
    name: 'filename',
    short: 'f',
    value: 'FILE',
    multiple: true,
    group: 'run',
    help: 'check: a file of expected flows; - is standard input; may be repeated',
  },
  {
    name: 'with',
    value: 'FILE',
    multiple: true,
    group: 'run',
    help: 'judge policies in FILE as if applied; also a directory, or -; may be repeated',
  },
  {
    name: 'tries',
    value: 'N',
    group: 'run',
    help: 'connect so often',
  },
  {
    name: 'idle',
    value: 'SECONDS',
    group: 'run',
    help: 'leave connections idle for up to so long, then ask; takes that long',
  },
  {
    name: 'save-check',
    value: 'FILE',
    group: 'run',
    help: 'add this flow, and what was found, to a file for check',
  },
  {
    name: 'output',
    short: 'o',
    value: 'text|json|ndjson|markdown|html|junit',
    group: 'output',
    help: 'default text, or the screen; markdown for a ticket, html to pass on, junit for CI',
  },
  { name: 'record', value: 'FILE', group: 'output', help: 'write all that happens in the run to FILE, as it happens' },
  {
    name: 'replay',
    value: 'FILE',
    group: 'output',
    help: 'show a recorded run again, judged by the rules of this version; needs no cluster',
  },
  {
    name: 'speed',
    value: 'N|max',
    group: 'output',
    help: 'pace of --replay; default 1 (as recorded) on the screen, max otherwise',
  },
  {
    name: 'redact',
    group: 'output',
    help: 'replace names, labels and addresses in what is written; leave raw output out',
  },
  {
    name: 'pcap',
    value: 'DIR',
    group: 'output',
    help: 'keep the packets of a lost connection in DIR; from --access backend on',
  },
  { name: 'watch', group: 'run', help: 'on a terminal: ask again every few seconds, and show how often it fails' },
  { name: 'plain', group: 'output', help: 'no screen: plain text, also on a terminal' },
  {
    name: 'screen-reader',
    group: 'output',
    help: 'the screen as lines to listen to, without what moves; also INK_SCREEN_READER=true',
  },
  { name: 'color', value: 'auto|always|never', group: 'output', help: 'default auto; NO_COLOR is honoured' },
  {
    name: 'v',
    short: 'v',
    value: 'LEVEL',
    group: 'output',
    help: '6 and above lists every request to the API server on stderr, as in kubectl',
  },
  { name: 'help', short: 'h', group: 'output', help: 'this text' },
  { name: 'version', group: 'output', help: 'the version' },
  { name: 'context', value: 'NAME', group: 'connection', help: 'context of the kubeconfig' },
  { name: 'cluster', value: 'NAME', group: 'connection', help: 'cluster of the kubeconfig' },
  { name: 'user', value: 'NAME', group: 'connection', help: 'user of the kubeconfig' },
  {
    name: 'kubeconfig',
    value: 'FILE',
    group: 'connection',
    help: 'kubeconfig file; default KUBECONFIG, else ~/.kube/config',
  },
  { name: 'as', value: 'NAME', group: 'connection', help: 'user to impersonate' },
  {
    name: 'as-group',
    value: 'NAME',
    multiple: true,
    group: 'connection',
    help: 'group to impersonate; may be repeated',
  },
  { name: 'as-uid', value: 'UID', group: 'connection', help: 'uid to impersonate' },
  {
    name: 'request-timeout',
    value: 'DURATION',
    group: 'connection',
    help: 'longest wait for one answer of the API server; default 10s',
  },
  { name: 'server', short: 's', value: 'URL', group: 'connection', help: 'address of the API server' },
  { name: 'token', value: 'TOKEN', group: 'connection', help: 'bearer token' },
  { name: 'certificate-authority', value: 'FILE', group: 'connection', help: 'CA of the API server' },
  { name: 'client-certificate', value: 'FILE', group: 'connection', help: 'client certificate' },
  { name: 'client-key', value: 'FILE', group: 'connection', help: 'key of the client certificate' },
  { name: 'insecure-skip-tls-verify', group: 'connection', help: "do not check the API server's certificate" },
  {
    name: 'tls-server-name',
    value: 'NAME',
    group: 'connection',
    help: "name to check the API server's certificate against",
  },
] as const satisfies readonly Flag[];

export type FlagName = (typeof FLAGS)[number]['name'];

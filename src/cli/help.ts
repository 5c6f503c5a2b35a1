import { FLAGS, type Flag } from './flags.ts';

const GROUPS: readonly (readonly [Flag['group'], string])[] = [
  ['run', 'The run'],
  ['output', 'Output'],
  ['connection', 'Connection, as in kubectl'],
];

export function helpText(): string {
  const flags = GROUPS.map(
    ([group, title]) =>
      `${title}:\n${FLAGS.filter((flag: Flag) => flag.group === group)
        .map(flagLine)
        .join('\n')}`,
  ).join('\n\n');
  return `Why can this Pod not reach that Service? Measured from the source Pod, explained from the cluster's own objects.

Usage:
  kubectl netdebug SOURCE DESTINATION [flags]
  kubectl netdebug check -f FILE [flags]
  kubectl netdebug diff RUN RUN

  SOURCE        a Pod: NAME, pod/NAME; or one of its workload: deploy/NAME, sts/NAME, ds/NAME, rs/NAME, job/NAME.
                A namespace may follow: NAME.NAMESPACE
  DESTINATION   a Service: NAME, NAME.NAMESPACE, svc/NAME; or pod/NAME, deploy/NAME, sts/NAME, node/NAME,
                a cluster DNS name, an address, a host name, a URL. A port may follow: NAME:PORT

Examples:
  kubectl netdebug web api                              ask before anything is created
  kubectl netdebug -n shop deploy/web api:80 --yes      accept the proposed plan
  kubectl netdebug web db.data:5432 --access api        read objects only
  kubectl netdebug web api --access backend -o json     for scripts
  kubectl netdebug web api --yes -o html > report.html  a page to look at and to pass on
  kubectl netdebug web api -y --save-check flows.yaml   keep this flow, and what was found, in a file
  kubectl netdebug check -f flows.yaml --yes            is every flow of the file as expected?
  kubectl netdebug diff monday.ndjson today.ndjson      what changed between two runs kept by --record
  kubectl netdebug explain selector-mismatch            what a finding means

Access:  api      reads only, nothing is created
         source   one debug container in the source Pod, reused by the next run
         backend  also one in a few backend Pods, where a question cannot be answered without

${flags}

Exit codes:  0 healthy · 1 a fault was found · 2 wrong usage · 3 inconclusive · 4 could not run · 130 interrupted
`;
}

/** `-n, --namespace NAME` and what it means, as one line of a table. */
export function flagLine(flag: Flag): string {
  const name = `  ${flag.short === undefined || flag.name === flag.short ? '    ' : `-${flag.short}, `}${flag.name === flag.short ? `-${flag.name}` : `--${flag.name}`}${flag.value === undefined ? '' : ` ${flag.value}`}`;
  return `${name.padEnd(34)} ${flag.help}`;
}

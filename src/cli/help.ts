import { ACCESS_EFFECTS, ACCESS_LEVELS } from '../ladder/access.ts';
import { EXIT, EXIT_MEANINGS } from './exit-code.ts';
import { FLAGS, type Flag } from './flags.ts';

const GROUPS: readonly (readonly [Flag['group'], string])[] = [
  ['run', 'The run'],
  ['output', 'Output'],
  ['connection', 'Connection, as in kubectl'],
];

const NAME_COLUMNS = 34;

export function helpText(): string {
  const flags = GROUPS.map(
    ([group, title]) =>
      `${title}:\n${FLAGS.filter((flag: Flag) => flag.group === group)
        .map(flagLine)
        .join('\n')}`,
  ).join('\n\n');
  const access = ACCESS_LEVELS.map((level) => `  ${level.padEnd(8)} ${ACCESS_EFFECTS[level]}`).join('\n');
  const codes = Object.entries(EXIT)
    .map(([name, code]) => `${code} ${EXIT_MEANINGS[name as keyof typeof EXIT].replace(/[:,].*/, '')}`)
    .join(' · ');
  return `Why can this Pod not reach that Service? Measured from the source Pod, explained from the cluster's own objects.

Usage:
  kubectl netdebug SOURCE DESTINATION [flags]
  kubectl netdebug demo [NAME]                          recorded incidents, played; needs no cluster
  kubectl netdebug explain [ID | WORDS...]              what a finding means; which finding fits a message
  kubectl netdebug check -f FILE [flags]                is every flow of the file as expected?
  kubectl netdebug diff RUN RUN                         what changed between two runs kept by --record
  kubectl netdebug policy [POD] [--with FILE]           what may reach a Pod, and what it may reach
  kubectl netdebug cleanup [-n NAMESPACE] [--yes]       what earlier runs left in the cluster; --yes removes it
  kubectl netdebug permissions [--access LEVEL] [-n NAMESPACE]   the rights it may use, to review and apply

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
  kubectl netdebug explain connection refused           which causes fit that message
  kubectl netdebug web api -y --save-check flows.yaml   keep this flow, and what was found, in a file
  kubectl netdebug web api -y --record run.ndjson       keep the whole run; --replay shows it again

Access:
${access}

${flags}

Exit codes:  ${codes}
`;
}

/** `-n, --namespace NAME` and what it means, as one line of a table, or two. */
export function flagLine(flag: Flag): string {
  const name = `  ${flag.short === undefined || flag.name === flag.short ? '    ' : `-${flag.short}, `}${flag.name === flag.short ? `-${flag.name}` : `--${flag.name}`}${flag.value === undefined ? '' : ` ${flag.value}`}`;
  // A long one keeps its column free for the others.
  return name.length > NAME_COLUMNS
    ? `${name}\n${' '.repeat(NAME_COLUMNS)} ${flag.help}`
    : `${name.padEnd(NAME_COLUMNS)} ${flag.help}`;
}

// The tables of the README, made of the tables of the code.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, EXIT_MEANINGS } from '../../src/cli/exit-code.ts';
import { FLAGS, type Flag } from '../../src/cli/flags.ts';
import { PERMISSIONS, type Permission, type Place } from '../../src/collect/permissions.ts';
import { ACCESS_EFFECTS, ACCESS_LEVELS } from '../../src/ladder/access.ts';
import { RUNG_NAMES, RUNG_QUESTIONS, RUNGS } from '../../src/ladder/rung.ts';
import { RULES } from '../../src/rules/index.ts';

export const PLACES: Readonly<Record<Place, string>> = {
  path: 'namespaces of source and destination',
  source: 'namespace of the source',
  destination: 'namespace of the destination',
  'kube-system': '`kube-system`',
  'kube-node-lease': '`kube-node-lease`',
  everywhere: 'all namespaces',
  cluster: 'cluster',
};

const GROUPS: Readonly<Record<Flag['group'], string>> = {
  run: 'The run',
  output: 'Output',
  connection: 'Connection, as in kubectl',
};

const root = join(import.meta.dirname, '../..');

/**
 * Whether a fault of the lab proves it every time; the others were judged on evidence that was written by hand, or come out by chance.
 */
function isOnTheLab(id: string): boolean {
  return globSync(`test/faults/*/${id}.ts`, { cwd: root }).some(
    (path) => !path.includes('/traps/') && !readFileSync(join(root, path), 'utf8').includes('  unsteady:'),
  );
}

/** Each table of the README by the name that its markers carry. */
export const TABLES: Readonly<Record<string, () => string>> = {
  rungs: () =>
    table(
      ['rung', 'question', 'causes it can name'],
      RUNGS.map((rung) => {
        const causes = RULES.filter((rule) => rule.rung === rung).length;
        return [
          `**${rung}** ${RUNG_NAMES[rung]}`,
          RUNG_QUESTIONS[rung],
          causes === 0 ? 'none in this version' : `${causes}`,
        ];
      }),
    ),

  access: () =>
    table(
      ['`--access`', 'what happens in the cluster'],
      ACCESS_LEVELS.map((level) => [
        `\`${level}\``,
        `${ACCESS_EFFECTS[level]}${level === 'api' ? '. The default without a terminal' : ''}`,
      ]),
    ),

  permissions: () =>
    table(
      ['level', 'where', 'rights'],
      [...new Set(PERMISSIONS.map(({ access, place }) => `${access} ${place}`))].map((row) => {
        const mine = PERMISSIONS.filter(({ access, place }) => row === `${access} ${place}`);
        const { access, place } = mine[0] as Permission;
        return [`\`${access}\``, PLACES[place], rightsText(mine)];
      }),
    ),

  'exit-codes': () =>
    table(
      ['code', 'meaning'],
      Object.entries(EXIT).map(([name, code]) => [`${code}`, EXIT_MEANINGS[name as keyof typeof EXIT]]),
    ),

  flags: () =>
    (Object.keys(GROUPS) as Flag['group'][])
      .map((group) =>
        table(
          [GROUPS[group], ''],
          FLAGS.filter((flag: Flag) => flag.group === group).map((flag: Flag) => [`\`${flagName(flag)}\``, flag.help]),
        ),
      )
      .join('\n\n'),

  causes: () =>
    [
      `${RULES.length} root causes, ${RULES.every(({ id }) => isOnTheLab(id)) ? 'each' : 'each but those marked *'} proven on the lab: injected, seen by a second witness, named first, and the mended cluster judged healthy`,
      '([test/faults](test/faults/README.md)). What fits none of them is reported as [unexplained](docs/causes/unexplained.md), with all that was seen.',
      '',
      table(
        ['', ''],
        RUNGS.filter((rung) => RULES.some((rule) => rule.rung === rung)).map((rung) => [
          rung,
          RULES.filter((rule) => rule.rung === rung)
            .map(({ id }) => `[${id}](docs/causes/${id}.md)${isOnTheLab(id) ? '' : '*'}`)
            .join(', '),
        ]),
      ),
    ].join('\n'),
};

/**
 * The README with every table as the code has it today. A table stands between `<!-- NAME: npm run docs -->` and
 * `<!-- end -->`.
 *
 * @throws {Error} when a table has no place in the README, or a place has no table
 */
export function withTables(readme: string): string {
  const placed: string[] = [];
  const text = readme.replaceAll(
    /(<!-- ([a-z-]+): npm run docs -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start, name: string, end) => {
      const make = TABLES[name];
      if (make === undefined)
        throw new Error(`README.md has a place for a table "${name}", which plugin/docs/readme.ts does not make.`);
      placed.push(name);
      return `${start}\n${make()}\n\n${end}`;
    },
  );
  const missing = Object.keys(TABLES).filter((name) => !placed.includes(name));
  if (missing.length > 0) throw new Error(`README.md has no <!-- ${missing[0]}: npm run docs --> … <!-- end -->.`);
  return text;
}

/** `get, list: pods, services; list: events`. */
function rightsText(permissions: readonly Permission[]): string {
  const byVerbs = Map.groupBy(permissions, ({ verbs }) => verbs.join(', '));
  return [...byVerbs]
    .map(([verbs, some]) => {
      const [ours, others] = [some.filter((one) => !isAddOn(one)), some.filter(isAddOn)];
      const groups = [...new Set(others.map(({ group }) => `policies of \`${group}\``))];
      return `${verbs}: ${[...new Set([...ours.flatMap(resourcesOf), ...groups])].join(', ')}`;
    })
    .join('; ');
}

/** Groups of policies that a cluster has when somebody installed them. */
function isAddOn({ group }: Permission): boolean {
  return /(^|\.)(cilium\.io|projectcalico\.org|antrea\.io)$|^policy\.networking\.k8s\.io$/.test(group);
}

/** `configmaps` with the names it is restricted to, if any. */
export function resourcesOf({ resources, names }: Permission): readonly string[] {
  return resources.map((resource) => (names === undefined ? resource : `${resource} \`${names.join('`, `')}\``));
}

/** `-n, --namespace NAME`. */
function flagName({ name, short, value }: Flag): string {
  const long = name === short ? '' : `--${name}`;
  const names = [short === undefined ? '' : `-${short}`, long].filter((part) => part !== '').join(', ');
  return value === undefined ? names : `${names} ${value}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

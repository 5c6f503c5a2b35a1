/** `kubectl netdebug permissions [--access LEVEL] [-n NAMESPACE]`: the rights of a level as RBAC objects to apply. */
import { type Permission, type Place, permissionsOf } from '../collect/permissions.ts';
import { toYaml } from '../derive/yaml.ts';
import type { Access } from '../ladder/access.ts';
import { RULES } from '../rules/index.ts';
import { type Arguments, UsageError } from './args.ts';
import { EXIT } from './exit-code.ts';

/** A ClusterRole, or a Role when it has a namespace; the comment says what it is for and how to bind it. */
interface Role {
  readonly name: string;
  readonly namespace: string | null;
  readonly permissions: readonly Permission[];
  readonly comment: readonly string[];
}

interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const DEBUG_PLACES: readonly Place[] = ['source', 'destination'];
/** What the wizard proposes. */
const DEFAULT_ACCESS: Access = 'source';

/** Prints the rights of `--access`, by default `source`; with `-n` as Roles. @throws {UsageError} for an argument too many */
export function permissionsCommand({
  positionals,
  access,
  namespace,
  output,
}: Pick<Arguments, 'positionals' | 'access' | 'namespace' | 'output'>): number {
  const [, extra] = positionals;
  if (extra !== undefined)
    throw new UsageError(`permissions takes no "${extra}": say the level with --access and a namespace with -n.`, [
      `kubectl netdebug permissions --access source -n ${extra}`,
    ]);
  const level = access ?? DEFAULT_ACCESS;
  process.stdout.write(
    output === 'json'
      ? `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rolesFor(level, namespace ?? null).map(roleObject) }, null, 2)}\n`
      : permissionsText(level, namespace ?? null),
  );
  return EXIT.healthy;
}

/** YAML that `kubectl apply -f -` takes, with comments for the person who has to agree to it. */
export function permissionsText(access: Access, namespace: string | null): string {
  const head = [
    `What kubectl netdebug may use with --access ${access}${namespace === null ? '' : ` for flows within namespace ${namespace}`}.`,
    'Each right is optional: what is missing is named in the report, with what it would have told.',
    ...(access === 'node'
      ? ['Who may create Pods in a namespace without Pod Security may do anything on a node: bind this with care.']
      : []),
  ];
  const documents = rolesFor(access, namespace).map(
    (role) => `${commented(role.comment)}\n${toYaml(roleObject(role))}\n`,
  );
  const rest = namespace === null ? [] : [commented(leftOut(access))];
  return `${commented(head)}\n#\n${[...documents, ...rest].join('---\n')}${rest.length === 0 ? '' : '\n'}`;
}

function rolesFor(access: Access, namespace: string | null): readonly Role[] {
  const all = permissionsOf(access);
  const debug = all.filter(({ place }) => DEBUG_PLACES.includes(place));
  if (namespace === null) {
    const reads: Role = {
      name: 'netdebug-read',
      namespace: null,
      permissions: all.filter(({ place }) => !DEBUG_PLACES.includes(place)),
      comment: [
        'Reads, in all namespaces. No Secrets, and of ConfigMaps only those named coredns. To bind it:',
        '  kubectl create clusterrolebinding netdebug-read --clusterrole=netdebug-read --user=NAME',
      ],
    };
    if (debug.length === 0) return [reads];
    return [
      reads,
      {
        name: 'netdebug-debug',
        namespace: null,
        permissions: debug,
        comment: [
          'Debug containers. Who may exec may run commands in every container of that namespace: bind it only in the',
          `${access === 'source' ? 'namespaces of sources' : 'namespaces of sources and backends'}, never for the whole cluster:`,
          '  kubectl -n NAMESPACE create rolebinding netdebug-debug --clusterrole=netdebug-debug --user=NAME',
        ],
      },
    ];
  }
  const here: Role = {
    name: 'netdebug',
    namespace,
    permissions: all.filter(({ place }) => place === 'path' || DEBUG_PLACES.includes(place) || place === namespace),
    comment: [
      'Within the namespace. To bind it:',
      `  kubectl -n ${namespace} create rolebinding netdebug --role=netdebug --user=NAME`,
    ],
  };
  if (namespace === 'kube-system') return [here];
  return [
    here,
    {
      name: 'netdebug',
      namespace: 'kube-system',
      permissions: all.filter(({ place }) => place === 'kube-system'),
      comment: [
        'The cluster DNS and kube-proxy. To bind it:',
        '  kubectl -n kube-system create rolebinding netdebug --role=netdebug --user=NAME',
      ],
    },
  ];
}

/** Places that no Role of a namespace on the path reaches, as words behind the resource. */
const OUTSIDE: Partial<Readonly<Record<Place, string>>> = {
  'kube-node-lease': ' in kube-node-lease',
  cluster: '',
  everywhere: ' of all namespaces',
};

/** What no Role can give, what it would tell, and the rules that then stay open. */
function leftOut(access: Access): readonly string[] {
  const wide = permissionsOf(access).filter(({ place }) => OUTSIDE[place] !== undefined);
  return [
    'Not in these Roles, because it lies outside these namespaces or spans all of them. netdebug works without it, and',
    'then does not know the following. `kubectl netdebug permissions` without -n has it.',
    ...wide.flatMap((permission) => {
      const { open, unsure } = rulesWithout(permission);
      return [
        `  ${permission.verbs.join(', ')} ${permission.resources.join(', ')}${OUTSIDE[permission.place]}: ${permission.tells}`,
        ...(open.length === 0 ? [] : [`    cannot be judged: ${open.join(', ')}`]),
        ...(unsure.length === 0 ? [] : [`    less certain: ${unsure.join(', ')}`]),
      ];
    }),
  ];
}

/** Rules whose evidence is read with this right: those that then are not run, and those that then know less. */
export function rulesWithout({ evidence }: Permission): { open: readonly string[]; unsure: readonly string[] } {
  const reads = (kinds: readonly string[]): boolean => evidence.some((kind) => kinds.includes(kind));
  const open = RULES.filter(({ needs }) => reads(needs)).map(({ id }) => id);
  const unsure = RULES.filter(({ uses, id }) => reads(uses) && !open.includes(id)).map(({ id }) => id);
  return { open, unsure };
}

function roleObject({ name, namespace, permissions }: Role): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: namespace === null ? 'ClusterRole' : 'Role',
    metadata: { name, ...(namespace === null ? {} : { namespace }) },
    rules: policyRules(permissions),
  };
}

/** As few rules as possible: one per API group and set of verbs; a right to certain names is dropped where all may be read. */
export function policyRules(permissions: readonly Permission[]): readonly PolicyRule[] {
  const verbsOf = new Map<string, Set<string>>();
  for (const { group, resources, names, verbs } of permissions) {
    for (const resource of resources) {
      const key = JSON.stringify([group, resource, names ?? null]);
      verbsOf.set(key, new Set([...(verbsOf.get(key) ?? []), ...verbs]));
    }
  }
  const rules = new Map<string, PolicyRule>();
  for (const [key, verbs] of verbsOf) {
    const [group, resource, names] = JSON.parse(key) as [string, string, string[] | null];
    const all = verbsOf.get(JSON.stringify([group, resource, null]));
    if (names !== null && all !== undefined && [...verbs].every((verb) => all.has(verb))) continue;
    const sorted = VERB_ORDER.filter((verb) => verbs.has(verb));
    const sameRule = JSON.stringify([group, sorted, names]);
    rules.set(sameRule, {
      apiGroups: [group],
      resources: [...(rules.get(sameRule)?.resources ?? []), resource],
      ...(names === null ? {} : { resourceNames: names }),
      verbs: sorted,
    });
  }
  return [...rules.values()];
}

const VERB_ORDER = ['get', 'list', 'watch', 'create', 'patch'];

function commented(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}`).join('\n');
}

/** Reads the command line and sets the exit code; everything else is loaded when it is needed. */
import { parseArguments, UsageError } from './cli/args.ts';
import { EXIT } from './cli/exit-code.ts';

declare const __VERSION__: string;

/** Called by kubectl through kubectl_complete-netdebug, while the user types. */
const isCompleting = process.argv[2] === '__complete';

async function main(): Promise<number> {
  if (isCompleting) {
    const { complete } = await import('./cli/complete.ts');
    process.stdout.write(await complete(process.argv.slice(3)));
    return EXIT.healthy;
  }
  const args = parseArguments(process.argv.slice(2));
  const [command] = args.positionals;
  if (args.with.length > 0) (await import('./cli/proposed.ts')).checkWith(args);
  if (args.version || command === 'version') {
    process.stdout.write(`kubectl-netdebug ${__VERSION__}\n`);
    return EXIT.healthy;
  }
  if (args.help) {
    const { helpText } = await import('./cli/help.ts');
    process.stdout.write(helpText());
    return EXIT.healthy;
  }
  if (command === 'explain') {
    const { explainCommand } = await import('./cli/explain.ts');
    return explainCommand(args);
  }
  if (command === 'permissions') {
    const { permissionsCommand } = await import('./cli/permissions.ts');
    return permissionsCommand(args);
  }
  if (command === 'check') {
    const { check } = await import('./cli/check.ts');
    return check(args);
  }
  if (command === 'diff') {
    const { diff } = await import('./cli/diff.ts');
    return diff(args);
  }
  if (command === 'cleanup') {
    const { cleanup } = await import('./cli/cleanup.ts');
    return cleanup(args);
  }
  if (command === 'policy') {
    const { policy } = await import('./cli/policy.ts');
    return policy(args);
  }
  if (command === 'demo') {
    const { demo } = await import('./cli/demo.ts');
    return demo(args);
  }
  if (args.filenames.length > 0) throw new UsageError('-f is for check.', ['kubectl netdebug check -f flows.yaml']);
  if (args.replay !== undefined && args.saveCheck !== null)
    throw new UsageError('--save-check keeps what is found now; a run that is replayed is over.');
  if (args.replay !== undefined) {
    const { replay } = await import('./cli/replay.ts');
    return replay(args, args.replay);
  }
  const { run } = await import('./cli/run.ts');
  return run(args);
}

// Whatever nobody caught is our bug, and never "a fault was found".
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  // A line that is being typed is no place for a complaint.
  process.on(event, isCompleting ? () => process.exit(EXIT.healthy) : fail);
}

main().then(
  (code) => finish(code),
  (error: unknown) => {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n${error.tryThis.map((command) => `  Try  ${command}\n`).join('')}`);
      finish(EXIT.usage);
      return;
    }
    fail(error);
  },
);

function fail(error: unknown): void {
  process.stderr.write(
    `netdebug failed; this is a bug. Please report it with the lines below.\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  finish(EXIT['could-not-run']);
}

/** Connections that idle must not hold the process up; what was printed must be out first. */
function finish(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

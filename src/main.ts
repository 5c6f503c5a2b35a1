/** Reads the command line and sets the exit code; everything else is loaded when it is needed. */
import { parseArguments, UsageError } from './cli/args.ts';
import { EXIT } from './cli/exit-code.ts';

declare const __VERSION__: string;

/** Called by kubectl through kubectl_complete-netdebug, while the user types. */
const isCompleting = process.argv[2] === '__complete';

const LATER = ['demo', 'check', 'diff', 'permissions'];

async function main(): Promise<number> {
  if (isCompleting) {
    const { complete } = await import('./cli/complete.ts');
    process.stdout.write(await complete(process.argv.slice(3)));
    return EXIT.healthy;
  }
  const args = parseArguments(process.argv.slice(2));
  const [command] = args.positionals;
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
    const { explain } = await import('./cli/explain.ts');
    process.stdout.write(explain(args.positionals[1]));
    return EXIT.healthy;
  }
  if (command !== undefined && LATER.includes(command)) {
    throw new UsageError(`"${command}" is not in this version yet. A Pod of that name is written pod/${command}.`);
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

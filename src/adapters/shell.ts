import { spawn } from 'node:child_process';
import type { ProbePlace } from '../probes/probe.ts';
import { LAST_USE } from '../probes/script.ts';
import type { ConnectionFlags } from './kube-config.ts';

/**
 * A shell in a container, by kubectl: it knows every terminal and every way to log in. Returns when the shell has ended,
 * whatever its exit code, or is ended by the signal.
 */
export async function openShell(
  flags: ConnectionFlags,
  at: ProbePlace,
  container: string,
  signal: AbortSignal,
): Promise<void> {
  const args = [
    ...connectionArgs(flags),
    '-n',
    at.namespace,
    'exec',
    '-it',
    at.pod,
    '-c',
    container,
    '--',
    'sh',
    '-c',
    // An open shell is use: the container must not end under it. The loop ends with the shell, whose pid is $$.
    `(while kill -0 $$ 2>/dev/null; do : > ${LAST_USE}; sleep 60; done) >/dev/null 2>&1 & exec $(command -v bash || command -v zsh || echo sh)`,
  ];
  // Without a listener stdin still reads, and would take every other key away from the shell; it pauses a tick later at the earliest.
  await new Promise(setImmediate);
  process.stdin.pause();
  return new Promise((resolve) => {
    const child = spawn('kubectl', args, { stdio: 'inherit', signal });
    // Ctrl-C in the shell is for the shell.
    const ignore = (): void => undefined;
    process.on('SIGINT', ignore);
    const end = (): void => {
      process.off('SIGINT', ignore);
      resolve();
    };
    child.once('error', (error) => {
      if (signal.aborted) return;
      process.stderr.write(`The shell could not be opened: ${error.message}\n`);
      end();
    });
    child.once('exit', end);
  });
}

function connectionArgs(flags: ConnectionFlags): readonly string[] {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['kubeconfig', flags.kubeconfig],
    ['context', flags.context],
    ['cluster', flags.cluster],
    ['user', flags.user],
    ['as', flags.as],
    ['as-uid', flags.asUid],
    ['server', flags.server],
    ['token', flags.token],
    ['certificate-authority', flags.certificateAuthority],
    ['client-certificate', flags.clientCertificate],
    ['client-key', flags.clientKey],
    ['tls-server-name', flags.tlsServerName],
  ];
  return [
    ...named.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...(flags.asGroup ?? []).map((group) => `--as-group=${group}`),
    ...(flags.insecureSkipTlsVerify === true ? ['--insecure-skip-tls-verify'] : []),
  ];
}

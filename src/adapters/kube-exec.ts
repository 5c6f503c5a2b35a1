import { PassThrough } from 'node:stream';
import type WebSocket from 'ws';
import type { ClusterConfig } from './kube-config.ts';

export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/** How a command in a container ended: with an exit code, or because the connection did. */
export type ExecEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'lost'; readonly reason: string };

export interface ExecSession {
  write(text: string): void;
  readonly ended: Promise<ExecEnd>;
  /** Closes the connection; the remote command is not ended by that, it has to end by itself. */
  close(): void;
}

interface Status {
  readonly status?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** Some proxies cut a WebSocket that is silent for a minute. */
const PING_EVERY_MS = 20_000;

/**
 * Runs a command in a container, with its standard input open.
 *
 * @param onOutput pieces of standard output as they come
 * @throws {Error} with the server's own words when it refuses: no right to exec, no such container, kubelet out of reach
 */
export async function openExec(
  config: ClusterConfig,
  target: ExecTarget,
  onOutput: (chunk: string) => void,
): Promise<ExecSession> {
  // Only now: WebSockets are of no use before a container runs, and would delay the first frame.
  const [{ Exec }, { WebSocketHandler }, { WebSocket }] = await Promise.all([
    import('@kubernetes/client-node/dist/exec.js'),
    import('@kubernetes/client-node/dist/web-socket-handler.js'),
    import('ws'),
  ]);
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const decoder = new TextDecoder();
  stdout.on('data', (chunk: Buffer) => onOutput(decoder.decode(chunk, { stream: true })));
  let complaint = '';
  stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-2000);
  });
  let refusal: string | null = null;
  // client-node rejects with "Unexpected server response: 403" and drops the Status that says why.
  const factory = (uri: string, protocols: string[], options: WebSocket.ClientOptions): WebSocket => {
    const socket = new WebSocket(uri, protocols, options);
    socket.on('unexpected-response', (request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
      });
      response.on('end', () => {
        refusal = `${response.statusCode}: ${statusMessage(body)}`;
        request.destroy();
        socket.emit('error', new Error(refusal));
      });
    });
    return socket;
  };
  // Without private streams client-node ends process.stdout when the server half-closes.
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const exec = new Exec(config, new WebSocketHandler(config, factory as never, streams as never));
  let finish: (end: ExecEnd) => void = () => undefined;
  const ended = new Promise<ExecEnd>((resolve) => {
    finish = resolve;
  });
  const socket = (await exec
    .exec(
      target.namespace,
      target.pod,
      target.container,
      [...target.command],
      stdout,
      stderr,
      stdin,
      false,
      (status: Status) => finish(readStatus(status)),
    )
    .catch((error: unknown) => {
      throw new Error(refusal ?? (error as { message?: string }).message ?? 'exec failed');
    })) as unknown as WebSocket;
  const ping = setInterval(() => socket.ping(), PING_EVERY_MS);
  socket.on('close', (code: number) => {
    clearInterval(ping);
    finish({ kind: 'lost', reason: complaint.trim() || `the connection was closed (${code})` });
  });
  socket.on('error', (error: Error) => finish({ kind: 'lost', reason: error.message }));
  return {
    write: (text) => void stdin.write(text),
    ended,
    close: () => {
      clearInterval(ping);
      socket.terminate();
    },
  };
}

function readStatus(status: Status): ExecEnd {
  if (status.status === 'Success') return { kind: 'exited', code: 0 };
  const code = status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  return code === undefined
    ? { kind: 'lost', reason: status.message ?? 'exec failed' }
    : { kind: 'exited', code: Number(code) };
}

function statusMessage(body: string): string {
  try {
    return (JSON.parse(body) as Status).message ?? body;
  } catch {
    return body.trim().slice(0, 300);
  }
}

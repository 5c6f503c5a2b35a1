/**
 * An API server that is in trouble: hands everything on to the cluster of KUBECONFIG, and spoils it as told. Prints a kubeconfig that leads to
 * it, on one line, and goes on until its standard input ends. `node api-proxy.ts slow 2000 | throttled 3 | cut 2000`
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { request as askOver } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { load } from 'js-yaml';

interface Config {
  readonly clusters: readonly { readonly cluster: { readonly server: string } & Record<string, string> }[];
  readonly users: readonly { readonly user: Record<string, string> }[];
}

const [mode = '', amount = '0'] = process.argv.slice(2);
const config = load(readFileSync(process.env.KUBECONFIG ?? '', 'utf8')) as Config;
const [{ cluster } = { cluster: { server: '' } }] = config.clusters;
const [{ user } = { user: {} }] = config.users;
const part = (from: Record<string, string>, name: string): Buffer | undefined => {
  const data = from[`${name}-data`];
  const file = from[name];
  return data !== undefined ? Buffer.from(data, 'base64') : file !== undefined ? readFileSync(file) : undefined;
};
const upstream = new URL(cluster.server);
const credentials = {
  ca: part(cluster, 'certificate-authority'),
  cert: part(user, 'client-certificate'),
  key: part(user, 'client-key'),
};

let asked = 0;
let cuts = 0;
const options = ({ method, url, headers }: IncomingMessage) => ({
  ...credentials,
  hostname: upstream.hostname,
  port: upstream.port,
  method,
  path: url,
  headers: { ...headers, host: upstream.host },
});

const server = createServer(async (request, response) => {
  asked++;
  if (mode === 'slow') await wait(Number(amount));
  if (mode === 'throttled' && asked % Number(amount) === 0) {
    response.writeHead(429, { 'Retry-After': '1', 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', status: 'Failure', message: 'too many requests', code: 429 }));
    return;
  }
  const onward = askOver(options(request), (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.on('error', () => onward.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
});

server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
  const onward = askOver(options(request));
  const close = (): void => {
    socket.destroy();
    onward.destroy();
  };
  onward.on('error', close);
  socket.on('error', close);
  onward.on('upgrade', (answer, far, farHead) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    socket.write(farHead);
    far.write(head);
    far.on('error', close).on('close', close);
    socket.on('close', () => far.destroy());
    // Once only: what is asked again has to come through.
    if (mode === 'cut' && cuts++ === 0) {
      let bytes = 0;
      far.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > Number(amount)) {
          far.destroy();
          close();
        }
      });
    }
    far.pipe(socket);
    socket.pipe(far);
  });
  onward.end();
});

server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'lab',
      clusters: [{ name: 'lab', cluster: { server: url } }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'nobody' } }],
      users: [{ name: 'nobody', user: {} }],
    }),
  );
});
process.stdin.resume().on('end', () => process.exit(0));

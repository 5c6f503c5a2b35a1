/** An API server on 127.0.0.1 that says what a test tells it to say. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { ClusterConfig, type ConnectionFlags } from '../../src/adapters/kube-config.ts';
import { KubeRest } from '../../src/adapters/kube-rest.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export type Answer = (asked: Asked, response: ServerResponse) => void;

export class FakeApi {
  readonly asked: Asked[] = [];
  connections = 0;
  readonly #server: Server;

  constructor(answer: Answer) {
    this.#server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      request.on('end', () => {
        const asked = {
          method: request.method ?? '',
          path: decodeURIComponent(request.url ?? ''),
          headers: request.headers,
          body: text === '' ? null : (JSON.parse(text) as unknown),
        };
        this.asked.push(asked);
        answer(asked, response);
      });
    });
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** What the API server answers when it refuses: a Status object. */
export function status(response: ServerResponse, code: number, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code });
}

export function configFor(server: string, flags: ConnectionFlags = {}): ClusterConfig {
  const empty = new KubeConfig();
  empty.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: '' });
  return new ClusterConfig(empty, { server, ...flags });
}

export function restFor(server: string, flags: ConnectionFlags = {}, limitMs = 2000): KubeRest {
  return new KubeRest(configFor(server, flags), () => undefined, limitMs);
}

import http from 'node:http';
import https from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApiAnswer, KubeApi, Rehearsal } from '../collect/ports.ts';
import { isAllowed, REVIEWS, reviewOf } from '../collect/rights.ts';
import type { ClusterConfig } from './kube-config.ts';

export interface RestRequest {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Media type of the answer; default JSON objects. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface RestResponse {
  readonly status: number;
  readonly body: unknown;
  readonly headers: http.IncomingHttpHeaders;
}

/** One request that was made, for `-v` and for counting. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly tookMs: number;
}

const READ_LIMIT_MS = 10_000;
/** How often a request is sent that the server is too busy for, or that is lost with its connection. */
const MOST_TRIES = 4;
/** For a server that is busy and does not say for how long. */
const BUSY_MS = 1000;
/** One page of the largest objects is far below; what is above is not an answer but a flood. */
const MOST_BYTES = 64e6;

/** The API server over one pool of connections. Credentials and TLS come from the kubeconfig and are worked out once. */
export class KubeRest implements KubeApi {
  readonly requests: RequestRecord[] = [];
  readonly #config: ClusterConfig;
  readonly #onRequest: (record: RequestRecord) => void;
  readonly #limitMs: number;
  #options: Promise<https.RequestOptions> | null = null;
  readonly #agents: http.Agent[] = [];
  /** The server's clock less ours, from the Date header of the last answer; seconds are as exact as it gets. */
  #clockAheadMs: number | null = null;

  constructor(
    config: ClusterConfig,
    onRequest: (record: RequestRecord) => void = () => undefined,
    limitMs = READ_LIMIT_MS,
  ) {
    this.#config = config;
    this.#onRequest = onRequest;
    this.#limitMs = limitMs;
  }

  /** The API server's clock now, milliseconds since the epoch; our own until it has answered once. */
  serverTime(): number {
    return Date.now() + (this.#clockAheadMs ?? 0);
  }

  async get(path: string, signal: AbortSignal): Promise<ApiAnswer> {
    try {
      const { status, body } = await this.request({ method: 'GET', path, signal });
      if (isDone(status)) return { kind: 'object', body };
      if (status === 404) return { kind: 'not-found' };
      return { kind: 'refused', status, message: messageOf(body) };
    } catch (error) {
      return { kind: 'no-answer', message: error instanceof Error ? error.message : String(error) };
    }
  }

  async rehearse(change: Rehearsal, signal: AbortSignal): Promise<ApiAnswer | null> {
    const { verb, path, body } = change;
    const isPatch = verb === 'patch';
    try {
      const right = { ...change, access: 'source' } as const;
      const review = await this.request({ method: 'POST', path: REVIEWS, body: reviewOf(right), signal });
      if (!isAllowed(review.body)) return null;
      const answer = await this.request({
        method: isPatch ? 'PATCH' : 'POST',
        path: `${path}?dryRun=All`,
        body,
        ...(isPatch ? { contentType: 'application/json-patch+json' } : {}),
        signal,
      });
      if (isDone(answer.status)) return { kind: 'object', body: answer.body };
      if (answer.status === 404) return { kind: 'not-found' };
      return { kind: 'refused', status: answer.status, message: messageOf(answer.body) };
    } catch (error) {
      return { kind: 'no-answer', message: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * One request and its whole answer, whatever its status. Sent again, within the time limit: when the server is too busy for it
   * and says so, once with new credentials when those have run out, and a read whose connection broke.
   *
   * @throws when there is no answer: network, TLS, time limit, abort
   * @see https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ on 429 and Retry-After
   */
  async request(request: RestRequest): Promise<RestResponse> {
    const endMs = performance.now() + (request.timeoutMs ?? this.#limitMs);
    const isOver = (): boolean => performance.now() >= endMs || request.signal?.aborted === true;
    for (let tries = 1; ; tries++) {
      const isLast = tries >= MOST_TRIES;
      this.#options ??= this.#prepare();
      const credentials = this.#options;
      let answer: RestResponse;
      try {
        answer = await this.#once(request);
      } catch (error) {
        if (request.method !== 'GET' || !isBroken(error) || isLast || isOver()) throw error;
        continue;
      }
      if (answer.status === 401 && tries === 1 && !isOver()) {
        // Whoever notices first; the others of that moment then use the new ones as well.
        if (this.#options === credentials) {
          this.#config.renew();
          this.#options = null;
        }
        continue;
      }
      const busyMs = busyFor(answer, request.method);
      if (busyMs === null || isLast || isOver() || performance.now() + busyMs > endMs) return answer;
      await wait(busyMs, undefined, request.signal === undefined ? {} : { signal: request.signal });
    }
  }

  async #once(request: RestRequest): Promise<RestResponse> {
    const startedMs = performance.now();
    const response = await this.open(request);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes > MOST_BYTES) throw new Error(`the answer to ${request.path} is larger than ${MOST_BYTES / 1e6} MB`);
      chunks.push(chunk as Buffer);
    }
    const text = Buffer.concat(chunks);
    const record = {
      method: request.method,
      path: request.path,
      status: response.statusCode ?? 0,
      bytes,
      tookMs: performance.now() - startedMs,
    };
    this.requests.push(record);
    this.#onRequest(record);
    const date = Date.parse(response.headers.date ?? '');
    // The header has whole seconds; a difference below two of them is rounding, not a wrong clock.
    if (!Number.isNaN(date)) this.#clockAheadMs = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
    return { status: response.statusCode ?? 0, body: parse(text.toString('utf8')), headers: response.headers };
  }

  /** The answer as a stream, for watches; it ends when the server ends it or the signal aborts. */
  async open(request: RestRequest): Promise<http.IncomingMessage> {
    this.#options ??= this.#prepare();
    const options = await this.#options;
    const server = new URL(this.#config.getCurrentCluster()?.server ?? '');
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    const client = server.protocol === 'http:' ? http : https;
    return new Promise((resolve, reject) => {
      const message = client.request(
        {
          ...options,
          method: request.method,
          host: server.hostname.replace(/^\[|\]$/g, ''),
          port: server.port === '' ? (server.protocol === 'http:' ? 80 : 443) : server.port,
          path: `${server.pathname === '/' ? '' : server.pathname}${request.path}`,
          ...(request.signal === undefined ? {} : { signal: request.signal }),
          headers: {
            ...(options.headers as http.OutgoingHttpHeaders),
            accept: request.accept ?? 'application/json',
            ...(body === null
              ? {}
              : {
                  'content-type': request.contentType ?? 'application/json',
                  'content-length': Buffer.byteLength(body),
                }),
          },
        },
        resolve,
      );
      message.setTimeout(request.timeoutMs ?? this.#limitMs, () =>
        message.destroy(new Error(`no answer from ${server.host} in ${(request.timeoutMs ?? this.#limitMs) / 1000} s`)),
      );
      message.on('error', reject);
      message.end(body ?? undefined);
    });
  }

  /** Ends idle connections, so that the process can. */
  async close(): Promise<void> {
    await this.#options?.catch(() => null);
    for (const agent of this.#agents) agent.destroy();
  }

  async #prepare(): Promise<https.RequestOptions> {
    const options: https.RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const agent = options.agent as (http.Agent & { keepAlive?: boolean }) | undefined;
    if (agent !== undefined) {
      agent.keepAlive = true;
      agent.maxFreeSockets = 16;
      this.#agents.push(agent);
    }
    return options;
  }
}

/** Milliseconds to wait before the same request is sent again; null when the answer is one. A little longer for some than for others, so that they do not come back together. */
function busyFor({ status, headers }: RestResponse, method: RestRequest['method']): number | null {
  const after = Number(headers['retry-after']);
  const isSaid = headers['retry-after'] !== undefined && Number.isFinite(after) && after >= 0;
  // 429 was not begun. Of 503 only the server that names a time says that it is worth it.
  if (status !== 429 && !(status === 503 && isSaid && method === 'GET')) return null;
  return (isSaid ? after * 1000 : BUSY_MS) * (1 + Math.random() / 10);
}

/** The connection ended before there was an answer, as when the server or a load balancer before it is replaced. */
function isBroken(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');
}

/** What adding a container needs of it. */
export type KubeClient = Pick<KubeRest, 'get' | 'request' | 'open'>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The words of a Kubernetes Status object. */
export function messageOf(body: unknown): string {
  if (typeof body === 'string') return body.trim().slice(0, 500);
  const message = (body as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : (JSON.stringify(body)?.slice(0, 500) ?? 'no message');
}

/** Whether an answer says that what was asked has been done; see RFC 9110 section 15.3. */
export function isDone(status: number): boolean {
  return status >= 200 && status < 300;
}

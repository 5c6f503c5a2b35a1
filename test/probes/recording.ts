/** What a tool printed on a real machine. The first line of the file says which version, how it ended and what was run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProbeOutput, ProbeSpec } from '../../src/probes/probe.ts';

export interface Recording {
  readonly tool: string;
  readonly command: string;
  readonly output: ProbeOutput;
}

export function recording(file: string): Recording {
  const whole = readFileSync(join(import.meta.dirname, file), 'utf8');
  const cut = whole.indexOf('\n');
  const head = whole.slice(0, cut).match(/^# (.+) \| exit (\d+) in (\d+) ms \| (.+)$/);
  if (head === null) throw new Error(`${file}: the first line does not say what was recorded`);
  const [, tool = '', exit, tookMs, command = ''] = head;
  return { tool, command, output: { exitCode: Number(exit), text: whole.slice(cut + 1), tookMs: Number(tookMs) } };
}

export function recordings(folder: string): readonly string[] {
  return readdirSync(join(import.meta.dirname, folder))
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => `${folder}/${file}`);
}

const AT = { vantage: 'source', namespace: 'shop', pod: 'web' } as const;

export function digSpec(name: string, server: string | null = null, transport: 'udp' | 'tcp' = 'udp', port = 53) {
  return { id: 'name', kind: 'nameLookup', at: AT, tool: 'dig', name, server, port, transport } as const;
}

export function nodeSpec(node: string) {
  const at = { vantage: 'node', namespace: 'shop', pod: `netdebug-${node}-abc`, node } as const;
  const routesTo = ['10.244.1.11', '10.244.2.10'];
  const serviceAddress = '10.96.114.140';
  return {
    id: `node-${node}`,
    kind: 'nodeStates',
    at,
    tool: 'node-state',
    node,
    routesTo,
    serviceAddress,
    from: '10.244.2.10',
  } as const;
}

export function searchSpec(name: string) {
  return { id: 'name-search', kind: 'searchLookup', at: AT, tool: 'dig-search', name } as const;
}

const OWNER = { kind: 'Pod', name: 'api-a', node: 'n1' } as const;

export function httpSpec(address: string, port: number, scheme: 'http' | 'https' = 'http') {
  const base = { id: 'backend-0', kind: 'backendConnects', at: AT, owner: OWNER } as const;
  return { ...base, tool: 'http', scheme, address, port, host: 'api.shop' } as const;
}

export function tcpSpec(address: string, port: number, limitS?: number) {
  const base = { id: 'backend-0', kind: 'backendConnects', at: AT, owner: OWNER } as const;
  return { ...base, tool: 'tcp', address, port, ...(limitS === undefined ? {} : { limitS }) } as const;
}

export const listenersSpec: ProbeSpec = {
  id: 'listeners-api-a',
  kind: 'listeners',
  at: { vantage: 'backend', namespace: 'shop', pod: 'api-a' },
  tool: 'listeners',
  pod: 'api-a',
};

/** Which connections a node's script picks, run for real with a conntrack(8) that prints a fixed table. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readNodeState } from '../../src/probes/node-state.ts';
import { argvOf } from '../../src/probes/probe.ts';
import { nodeSpec } from './recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'netdebug-flows-'));
afterAll(() => rmSync(folder, { recursive: true }));

const WEB = '10.244.2.10';
const VIP = '10.96.114.140';

/** The flows that are kept of a table: their source ports, in the order in which they are printed. */
function kept(table: readonly string[]): readonly number[] {
  const quiet = ['ip', 'nft', 'curl', 'bridge', 'iptables-nft-save', 'iptables-legacy-save'];
  const tools = [
    ...quiet.map((name) => [name, 'exit 1'] as const),
    ['conntrack', `cat <<'END'\n${table.join('\n')}\nEND`] as const,
  ];
  for (const [name, text] of tools) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const spec = nodeSpec('n2');
  const [program = '', ...args] = argvOf(spec);
  const { stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  return readNodeState(spec, { exitCode: 0, text: stdout, tookMs: 40 }, '').flows.map(({ sourcePort }) => sourcePort);
}

const ended = (port: number, to = '10.244.1.11') =>
  `tcp 6 104 TIME_WAIT src=${WEB} dst=${to} sport=${port} dport=8080 src=${to} dst=${WEB} sport=8080 dport=${port} [ASSURED] mark=0 use=1`;
const tied = `udp 17 28 src=${WEB} dst=${VIP} sport=45000 dport=8125 [UNREPLIED] src=10.244.9.9 dst=${WEB} sport=8125 dport=45000 mark=0 use=1`;
const waiting = `tcp 6 118 SYN_SENT src=${WEB} dst=${VIP} sport=40112 dport=80 [UNREPLIED] src=10.244.1.11 dst=${WEB} sport=8080 dport=40112 mark=0 use=1`;

describe('the connections that are picked on a node', () => {
  it('are those to this destination, and of these those without an answer first, however many ended well', () => {
    const many = Array.from({ length: 200 }, (_, index) => ended(50_000 + index));
    // That its answers come back to the source does not make it one to this destination.
    const elsewhere = ended(49_999, '10.244.7.7');
    const ports = kept([elsewhere, ...many, waiting, tied]);
    expect(ports.slice(0, 3)).toEqual([45_000, 40_112, 50_000]);
    expect(ports).toHaveLength(32);
  });
});

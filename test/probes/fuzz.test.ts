/** Whatever a tool prints, reading it gives a reading or one of the two refusals, at once. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { readHttp, readTcp } from '../../src/probes/connect.ts';
import { readDig, readDigSearch } from '../../src/probes/dig.ts';
import { readListeners } from '../../src/probes/listeners.ts';
import { readNodeState } from '../../src/probes/node-state.ts';
import { type ProbeOutput, ToolMissing, UnreadableOutput } from '../../src/probes/probe.ts';
import { readResolvConf } from '../../src/probes/resolv-conf.ts';
import { digSpec, httpSpec, nodeSpec, recording, recordings, searchSpec, tcpSpec } from './recording.ts';

const READERS: readonly (readonly [string, string, (output: ProbeOutput) => unknown])[] = [
  ['readDig', 'dig', (output) => readDig(digSpec('api.'), output, '')],
  ['readDigSearch', 'dig', (output) => readDigSearch(searchSpec('api'), output, '')],
  ['readHttp', 'curl', (output) => readHttp(httpSpec('10.244.1.11', 80), output, '')],
  ['readTcp', 'nc', (output) => readTcp(tcpSpec('10.244.1.11', 80), output, '')],
  ['readListeners', 'listeners', readListeners],
  ['readNodeState', 'node-state', (output) => readNodeState(nodeSpec('n2'), output, '')],
  ['readResolvConf', 'dig', readResolvConf],
];

const exitCode = fc.option(fc.constantFrom(0, 1, 2, 7, 9, 28, 52, 56, 126, 127, 255));
const tookMs = fc.nat(6000);

/** Cuts, repeats, swaps and new characters in a recorded text. */
function mutated(text: string): fc.Arbitrary<string> {
  const at = fc.nat(text.length);
  const change = fc.oneof(
    fc.tuple(at, at).map(
      ([a, b]) =>
        (old: string) =>
          old.slice(0, Math.min(a, b)) + old.slice(Math.max(a, b)),
    ),
    fc.tuple(at, at).map(
      ([a, b]) =>
        (old: string) =>
          old.slice(0, b) + old.slice(a),
    ),
    fc.tuple(at, fc.string({ maxLength: 5 })).map(
      ([a, piece]) =>
        (old: string) =>
          old.slice(0, a) + piece + old.slice(a),
    ),
    fc.tuple(at, fc.constantFrom('\n', ' ', '"', '{"', 'null', '-1', '1e999', '\u0000', '%', ':')).map(
      ([a, piece]) =>
        (old: string) =>
          old.slice(0, a) + piece + old.slice(a + piece.length),
    ),
  );
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((all) => all.reduce((old, apply) => apply(old), text));
}

describe.each(READERS)('%s', (_name, folder, read) => {
  const attempt = (output: ProbeOutput): void => {
    try {
      read(output);
    } catch (error) {
      if (!(error instanceof UnreadableOutput) && !(error instanceof ToolMissing)) throw error;
    }
  };
  const files = recordings(folder).map((file) => recording(file).output.text);

  it('takes recorded outputs with changes', () => {
    const output = fc.record({ text: fc.constantFrom(...files).chain(mutated), exitCode, tookMs });
    fc.assert(fc.property(output, attempt), { numRuns: 300 });
  });

  it('takes any text', () => {
    const output = fc.record({ text: fc.string({ unit: 'binary-ascii', maxLength: 400 }), exitCode, tookMs });
    fc.assert(fc.property(output, attempt), { numRuns: 200 });
  });

  it('takes 64 kB of one character without delay', () => {
    for (const char of ['\n', ' ', ';', 'a', '{', ';; Got answer:\n', 'LISTEN ', 'x '])
      attempt({ text: char.repeat(65_536 / char.length), exitCode: 0, tookMs: 6000 });
  }, 2000);
});

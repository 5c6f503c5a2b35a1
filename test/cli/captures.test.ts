import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/args.ts';
import { openCaptures } from '../../src/cli/captures.ts';
import { recording } from '../probes/recording.ts';
import { type RunOptions, runOf } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'netdebug-captures-'));
afterAll(() => rmSync(folder, { recursive: true }));

const startedAt = new Date('2026-08-20T11:03:05.123Z');
const farIsSilent = (address: string) => (address === '10.244.3.11' ? ('lost' as const) : ('answered' as const));
const { text } = recording('flow-capture/4.99-n3.txt').output;
const print: RunOptions['print'] = (said, { tool }) => (tool === 'capture-end' ? text : said);

it('keeps what each place captured in a file of its own, for the user alone', () => {
  const { report, climb } = runOf({ access: 'backend', network: farIsSilent, print });
  const packets = join(folder, 'new');
  const kept = openCaptures(packets, startedAt)(report, climb);
  const files = ['20260820T110305Z-backend-api-c.pcap', '20260820T110305Z-source-web.pcap'];
  expect(readdirSync(packets).sort()).toEqual(files);
  for (const file of files) {
    expect(statSync(join(packets, file)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(packets, file)).subarray(0, 4)).toEqual(Buffer.from([0xd4, 0xc3, 0xb2, 0xa1]));
  }
  expect(kept.captures).toEqual([
    { kind: 'source', name: 'web', file: join(packets, files[1] ?? ''), packets: 4 },
    { kind: 'backend', name: 'api-c', file: join(packets, files[0] ?? ''), packets: 4 },
  ]);
  expect(kept.flow.notes.at(-1)).toBe(
    `Packets were kept: ${packets}/${files[1]} (in web, 4), ${packets}/${files[0]} (in api-c, 4).`,
  );
});

it('says why there are none', () => {
  const noteOf = (options: RunOptions) => {
    const { report, climb } = runOf(options);
    return openCaptures(folder, startedAt)(report, climb).flow.notes.at(-1);
  };
  expect(noteOf({ access: 'source', network: farIsSilent })).toBe(
    'No packets were kept: both ends of a lost connection are captured from --access backend on.',
  );
  expect(noteOf({ access: 'backend' })).toBe(
    'No packets were kept: only a connection that is lost is captured at both ends.',
  );
});

it('says before the run that nothing can be written there', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => openCaptures(file, startedAt)).toThrow(UsageError);
  expect(() => openCaptures(file, startedAt)).toThrow(`--pcap ${file}: EEXIST: file already exists.`);
});

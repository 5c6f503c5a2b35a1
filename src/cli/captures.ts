/** `--pcap DIR`: what was captured of a lost connection, as files for tcpdump(1) and Wireshark. */
import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { factOf } from '../evidence/evidence.ts';
import { pcapOf, placeOf } from '../probes/flow-capture.ts';
import type { Report } from '../report/report.ts';
import type { Climb } from '../session/session.ts';
import { UsageError } from './args.ts';

/** Adds to a report which files hold its packets, having written them. */
export type KeepCaptures = (report: Report, climb: Climb) => Report;

/**
 * Looks at the folder before anything is measured, and makes it where it is not there.
 *
 * @param startedAt  part of the names, so that runs do not write over each other
 * @throws {UsageError} when nothing can be written there
 */
export function openCaptures(folder: string, startedAt: Date): KeepCaptures {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--pcap ${folder}: ${(error as Error).message.replace(/, (mkdir|access) .*$/, '')}.`, [
      'kubectl netdebug POD SERVICE --access backend --pcap packets',
    ]);
  }
  const time = startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return (report, climb) => {
    const captures = Object.values(climb.probes).flatMap(({ spec }) => {
      const bytes = spec.tool === 'capture-end' ? pcapOf(climb.results[spec.id]?.text ?? '') : null;
      if (bytes === null) return [];
      const place = placeOf(spec.at);
      const file = join(folder, `${time}-${place.kind}-${place.name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}.pcap`);
      rmSync(file, { force: true });
      writeFileSync(file, bytes, { mode: 0o600, flag: 'wx' });
      const seen = (factOf(climb.evidence, 'flowCaptures') ?? []).find(
        (capture) => capture.place.kind === place.kind && capture.place.name === place.name,
      );
      return [{ kind: place.kind, name: place.name, file, packets: seen?.packets.length ?? 0 }];
    });
    return {
      ...report,
      captures,
      flow: { ...report.flow, notes: [...report.flow.notes, noteOf(captures, climb)] },
    };
  };
}

function noteOf(captures: NonNullable<Report['captures']>, { access }: Climb): string {
  if (captures.length > 0)
    return `Packets were kept: ${captures
      .map(({ kind, name, file, packets }) => `${file} (${PLACES[kind]} ${name}, ${packets})`)
      .join(', ')}.`;
  return access === 'api' || access === 'source'
    ? 'No packets were kept: both ends of a lost connection are captured from --access backend on.'
    : 'No packets were kept: only a connection that is lost is captured at both ends.';
}

const PLACES = { source: 'in', backend: 'in', node: 'on' } as const;

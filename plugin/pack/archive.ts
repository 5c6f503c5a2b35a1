/** Archives whose bytes depend on their contents and nothing else: sorted, one time, no owner, no name of a person or machine. */
import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';

export interface Entry {
  /** Below the archive's root, with slashes. */
  readonly path: string;
  readonly contents: Uint8Array;
  readonly executable?: boolean;
}

/** A .tar.gz of regular files: krew's reader takes no links, and makes folders itself. @param time of every entry */
export async function tarGz(entries: readonly Entry[], time: Date): Promise<Buffer> {
  const tar = pack();
  for (const { path, contents, executable = false } of sorted(entries))
    tar.entry({ name: path, mode: executable ? 0o755 : 0o644, mtime: time, uid: 0, gid: 0 }, Buffer.from(contents));
  tar.finalize();
  // The zlib in Node is tuned for speed, differently on each processor: 3 % larger, and not the same bytes everywhere.
  const gzip = spawn('gzip', ['-9', '--no-name'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise<never>((_, reject) => gzip.on('error', reject));
  const [packed] = await Promise.race([Promise.all([buffer(gzip.stdout), pipeline(tar, gzip.stdin)]), failed]);
  return packed;
}

/** A .zip of regular files. Its times are local ones: the process has to run with TZ=UTC to pack the same bytes anywhere. */
export async function zip(entries: readonly Entry[], time: Date): Promise<Buffer> {
  const file = new ZipFile();
  const bytes = buffer(file.outputStream);
  for (const { path, contents, executable = false } of sorted(entries)) {
    const mode = executable ? 0o100755 : 0o100644;
    file.addBuffer(Buffer.from(contents), path, { mtime: time, mode, compressionLevel: 9 });
  }
  file.end();
  return bytes;
}

function sorted(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
}

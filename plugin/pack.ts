// Packs what a release offers into dist/: archives for krew, the npm package, checksums, krew's manifest. `npm run pack`.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bundle, bundle } from './build/bundle.ts';
import { type Entry, tarGz, zip } from './pack/archive.ts';
import { withoutSymbols } from './pack/executables.ts';
import { thirdPartyLicences } from './pack/licences.ts';
import { fillManifest } from './pack/manifest.ts';
import { NoNode, nodeFor, nodeLicence } from './pack/node-binary.ts';
import { npmPackage } from './pack/npm-package.ts';
import { archiveName, nameOf, PLATFORMS, type Platform } from './pack/platforms.ts';
import { windowsExe } from './pack/windows.ts';

const USAGE = `npm run pack -- [options]
  --only LIST        of ${[...PLATFORMS.map(nameOf), 'npm'].join(', ')}, with commas; default all
  --verify           pack everything twice and compare the checksums
  --node-files DIR   take Node from this folder of files of a Node release, with its SHASUMS256.txt, not from npm
  --repository URL   https://github.com/OWNER/NAME; default the repository a GitHub workflow runs in
  --out DIR          default dist`;

const MEBIBYTE = 1024 * 1024;
const MOST_BYTES = { archive: 40 * MEBIBYTE, npm: MEBIBYTE };
const OURS = /^(kubectl-netdebug-.*\.(tar\.gz|zip|tgz)|SHA256SUMS|netdebug\.yaml)$/;
const NO_REPOSITORY = 'https://netdebug.invalid';

process.env.TZ = 'UTC'; // the times in a .zip are local ones

const root = join(import.meta.dirname, '..');
const options = readOptions();
const time = packTime();
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };

const first = await packAll();
const { missing, files } = first;
if (options.verify) {
  const second = await packAll();
  const different = [...files].filter(([name, contents]) => sha256(contents) !== sha256(second.files.get(name)));
  if (different.length > 0) stop(`Packed twice, these differ: ${different.map(([name]) => name).join(', ')}.`);
  console.log('Packed twice, with the same checksums.');
}

const sums = new Map([...files].map(([name, contents]) => [name, sha256(contents)]));
await mkdir(options.out, { recursive: true });
// What an earlier run left must not pass for a part of this one; everything else in the folder is not ours.
for (const name of await readdir(options.out)) if (OURS.test(name)) await rm(join(options.out, name));
for (const [name, contents] of files) await writeFile(join(options.out, name), contents);
await writeFile(join(options.out, 'SHA256SUMS'), [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join(''));
if (PLATFORMS.some((platform) => sums.has(archiveName(platform)))) {
  const template = await readFile(join(root, 'krew-manifest.yaml'), 'utf8');
  const homepage = options.repository ?? NO_REPOSITORY;
  // krew wants a file named after the plugin.
  await writeFile(join(options.out, 'netdebug.yaml'), fillManifest(template, { version, homepage, sha256: sums }));
  if (options.repository === null)
    console.log(`netdebug.yaml names ${NO_REPOSITORY}: give --repository for one that can be published.`);
}
for (const [name, contents] of files) console.log(`${mebibytes(contents.length)}  ${sums.get(name)}  ${name}`);

const tooLarge = [...files].filter(
  ([name, { length }]) => length > (name.endsWith('.tgz') ? MOST_BYTES.npm : MOST_BYTES.archive),
);
if (tooLarge.length > 0)
  stop(`Too large: ${tooLarge.map(([name, { length }]) => `${name}, ${mebibytes(length).trim()}`).join('; ')}.`);
if (missing.length > 0) stop(`Not packed: ${missing.join(', ')}. The rest is in ${options.out}.`);

interface Packed {
  readonly files: ReadonlyMap<string, Buffer>;
  /** Platforms for which there is no Node here. */
  readonly missing: readonly string[];
}

async function packAll(): Promise<Packed> {
  const program = await bundle('chunks');
  const legal: readonly Entry[] = [
    { path: 'LICENSE', contents: await readFile(join(root, 'LICENSE')) },
    { path: 'THIRD-PARTY-LICENSES.txt', contents: Buffer.from(await thirdPartyLicences(program.metafile, root)) },
  ];
  const packed = new Map<string, Buffer>();
  const missing: string[] = [];
  for (const platform of PLATFORMS.filter((each) => options.only.has(nameOf(each)))) {
    try {
      packed.set(archiveName(platform), await packPlatform(platform, program, legal));
    } catch (error) {
      if (!(error instanceof NoNode)) throw error;
      console.error(`${nameOf(platform)}: ${error.message}`);
      missing.push(nameOf(platform));
    }
  }
  if (options.only.has('npm')) {
    const entries = await npmPackage(program.files, legal, options.repository);
    packed.set(`kubectl-netdebug-${version}.tgz`, await tarGz(entries, time));
  }
  return { files: packed, missing };
}

async function packPlatform(platform: Platform, program: Bundle, legal: readonly Entry[]): Promise<Buffer> {
  const node = await nodeFor(platform, options.nodeFiles);
  // The copy for Windows comes without the licence, which is the same text on every platform.
  const licence = node.licence ?? (await nodeFor(PLATFORMS[0] as Platform, options.nodeFiles)).licence;
  if (licence === null) throw new Error(`Node ${node.version} came without its licence.`);
  const texts = [
    ...legal,
    { path: 'LICENSE-node.txt', contents: Buffer.from(nodeLicence(platform, node.version, licence)) },
  ];
  if (platform.os === 'windows') {
    const main = (await bundle('one-file')).files.get('cli.cjs') ?? new Uint8Array();
    const exe = { path: 'kubectl-netdebug.exe', contents: await windowsExe(node, main), executable: true };
    return zip([exe, ...texts], time);
  }
  const launcher = await readFile(join(root, 'plugin/kubectl-netdebug'));
  return tarGz(
    [
      { path: 'kubectl-netdebug', contents: launcher, executable: true },
      // A copy, not a link: krew refuses archives with links.
      { path: 'kubectl_complete-netdebug', contents: launcher, executable: true },
      // The signature of macOS covers every byte, and an Apple processor starts nothing without one.
      { path: 'node', contents: platform.os === 'linux' ? withoutSymbols(node.binary) : node.binary, executable: true },
      ...[...program.files].map(([name, contents]) => ({ path: `lib/${name}`, contents })),
      ...texts,
    ],
    time,
  );
}

function readOptions() {
  let values: { only?: string; verify?: boolean; 'node-files'?: string; repository?: string; out?: string };
  try {
    ({ values } = parseArgs({
      options: {
        only: { type: 'string' },
        verify: { type: 'boolean' },
        'node-files': { type: 'string' },
        repository: { type: 'string' },
        out: { type: 'string' },
      },
    }));
  } catch (error) {
    stop(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, 2);
  }
  const known = [...PLATFORMS.map(nameOf), 'npm'];
  const only = new Set(values.only?.split(',') ?? known);
  const unknown = [...only].filter((name) => !known.includes(name));
  if (unknown.length > 0) stop(`--only ${unknown.join(',')}: there is no such package.\n${USAGE}`, 2);
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  const repository = values.repository ?? (server && name ? `${server}/${name}` : null);
  if (repository !== null && !/^https:\/\/[^/\s]+\/[\w.-]+\/[\w.-]+$/.test(repository))
    stop(`--repository ${repository}: it takes an address such as https://github.com/OWNER/NAME.`, 2);
  return {
    only,
    verify: values.verify === true,
    nodeFiles: values['node-files'] ?? null,
    repository,
    out: values.out ?? join(root, 'dist'),
  };
}

/** The time of every file that is packed: SOURCE_DATE_EPOCH, or when the commit was made. */
function packTime(): Date {
  const epoch = process.env.SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct');
  // A .zip has no time before 1980.
  return new Date(Math.max(Number(epoch ?? 0), 315_532_800) * 1000);
}

function git(...args: readonly string[]): string | null {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null; // a download without its history
  }
}

function sha256(contents: Uint8Array | undefined): string {
  return createHash('sha256')
    .update(contents ?? '')
    .digest('hex');
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`.padStart(9);
}

function stop(message: string, code = 1): never {
  console.error(message);
  process.exit(code);
}

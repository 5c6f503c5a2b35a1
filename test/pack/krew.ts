/** krew's own rules, for what it would refuse: of archives, of manifests, and what an installation comes to. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { load } from 'js-yaml';
import { extract } from 'tar-stream';

export interface KrewManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly version: string;
    readonly homepage: string;
    readonly shortDescription: string;
    readonly description: string;
    readonly caveats: string;
    readonly platforms: readonly {
      readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
      readonly uri: string;
      readonly sha256: string;
      readonly bin: string;
      readonly files?: readonly unknown[];
    }[];
  };
}

/** Every pair of os and arch that krew is released for. */
const SUPPORTED = [
  ...['386', 'amd64', 'arm64'].map((arch) => ({ os: 'windows', arch })),
  ...['386', 'amd64', 'arm', 'arm64', 'ppc64le'].map((arch) => ({ os: 'linux', arch })),
  ...['amd64', 'arm64'].map((arch) => ({ os: 'darwin', arch })),
];

/**
 * What `validate-krew-manifest` would complain about, without the installations it then tries.
 *
 * @param file  name of the manifest's file
 * @see https://github.com/kubernetes-sigs/krew/blob/v0.4.5/internal/index/validation/validate.go and cmd/validate-krew-manifest
 */
export function complaints(file: string, text: string): string[] {
  const { apiVersion, kind, metadata, spec } = load(text) as KrewManifest;
  const found: string[] = [];
  const check = (holds: boolean, complaint: string) => void (holds || found.push(complaint));
  check(apiVersion === 'krew.googlecontainertools.github.com/v1alpha2', `apiVersion ${apiVersion}`);
  check(kind === 'Plugin', `kind ${kind}`);
  check(/^[\w-]+$/.test(metadata.name), `name ${metadata.name}`);
  check(file === `${metadata.name}.yaml`, `the file of plugin ${metadata.name} is named ${file}`);
  check(/^.+$/.test(spec.shortDescription), 'shortDescription is empty or has several lines');
  check(/^v\d+\.\d+\.\d+(-[\w.-]+)?$/.test(spec.version), `version ${spec.version}`);
  check(spec.platforms.length > 0, 'no platform');
  for (const [part, most] of [
    [spec.shortDescription, 70],
    [spec.description, 80],
    [spec.caveats, 80],
  ] as const)
    check(
      part.split('\n').every((line) => line.length <= most),
      `a line has more than ${most} characters: ${part}`,
    );
  for (const { selector, uri, sha256, bin, files } of spec.platforms) {
    const labels = Object.entries(selector.matchLabels);
    const matched = SUPPORTED.filter((pair) => labels.every(([key, value]) => pair[key as 'os' | 'arch'] === value));
    const name = JSON.stringify(selector.matchLabels);
    check(labels.length > 0 && labels.every(([key]) => key === 'os' || key === 'arch'), `selector ${name}`);
    check(matched.length > 0, `${name} matches no platform`);
    check(uri !== undefined && uri !== '', `${name} has no uri`);
    check(/^[a-f0-9]{64}$/.test(sha256), `${name} has the sha256 ${sha256}`);
    check(bin !== undefined && bin !== '', `${name} has no bin`);
    check(files === undefined || files.length > 0, `${name} has files without any`);
  }
  for (const pair of SUPPORTED) {
    const matching = spec.platforms.filter(({ selector: { matchLabels } }) =>
      Object.entries(matchLabels).every(([key, value]) => pair[key as 'os' | 'arch'] === value),
    );
    check(matching.length <= 1, `${pair.os}/${pair.arch} is matched ${matching.length} times`);
  }
  return found;
}

/**
 * Installs a plugin's .tar.gz as krew does: extracts it into the store and makes one symbolic link to its `bin`.
 *
 * @param root  the empty folder that is krew's, usually ~/.krew
 * @returns     the folder to put on PATH
 * @throws {Error} for everything that krew refuses
 * @see https://github.com/kubernetes-sigs/krew/blob/v0.4.5/internal/download/downloader.go and internal/installation/install.go
 */
export async function krewInstall(
  root: string,
  archive: Buffer,
  manifest: { version: string; bin: string },
): Promise<string> {
  const store = join(root, 'store/netdebug', manifest.version);
  const tar = extract();
  tar.end(gunzipSync(archive));
  for await (const entry of tar) {
    const { name, type, mode } = entry.header;
    if (name.includes('..')) throw new Error(`refusing to unpack archive with suspicious entry ${name}`);
    if (/^[/\\]/.test(name)) throw new Error(`refusing to unpack archive with absolute entry ${name}`);
    if (type !== 'file' && type !== 'directory')
      throw new Error(`unable to handle file type ${type} for ${name} in tar`);
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    mkdirSync(type === 'directory' ? join(store, name) : dirname(join(store, name)), { recursive: true });
    if (type === 'file') writeFileSync(join(store, name), Buffer.concat(chunks), { mode: mode ?? 0 });
  }
  const bin = join(store, manifest.bin);
  if (!existsSync(bin))
    throw new Error(`can't create symbolic link, source binary (${bin}) cannot be found in extracted archive`);
  const links = join(root, 'bin');
  mkdirSync(links);
  symlinkSync(bin, join(links, basename(manifest.bin)));
  return links;
}

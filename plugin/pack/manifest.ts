import { dump, load } from 'js-yaml';
import { archiveName, type Platform } from './platforms.ts';

export interface Release {
  /** Without a leading v. */
  readonly version: string;
  /** The project's page, without a slash at the end. */
  readonly homepage: string;
  /** Checksums of the archives that exist, by file name. */
  readonly sha256: ReadonlyMap<string, string>;
}

interface Template {
  readonly spec: {
    readonly platforms: readonly { readonly selector: { matchLabels: Pick<Platform, 'os' | 'arch'> } }[];
  };
}

/**
 * The manifest for krew's index, from the template krew-manifest.yaml: every `<…>` filled in, and of the platforms those
 * whose archive exists.
 *
 * @throws {Error} when the template has a `<…>` that is not known here
 */
export function fillManifest(template: string, { version, homepage, sha256 }: Release): string {
  const manifest = load(template) as Template;
  const platforms = manifest.spec.platforms.flatMap((platform) => {
    const archive = archiveName(platform.selector.matchLabels);
    const sum = sha256.get(archive);
    return sum === undefined ? [] : [{ ...platform, uri: `<RELEASE>/${archive}`, sha256: sum }];
  });
  const filled = dump({ ...manifest, spec: { ...manifest.spec, platforms } }, { lineWidth: -1 })
    .replaceAll('<VERSION>', version)
    .replaceAll('<RELEASE>', `${homepage}/releases/download/v${version}`)
    .replaceAll('<HOMEPAGE>', homepage);
  const [unknown] = /<[A-Z0-9_]+>/.exec(filled) ?? [];
  if (unknown !== undefined) throw new Error(`krew-manifest.yaml has ${unknown}, which nothing is known for.`);
  return filled;
}

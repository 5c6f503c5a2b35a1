import { readFile } from 'node:fs/promises';
import type { PluginBuild } from 'esbuild';

/** One exact piece of a package's source, and what the bundle has in its place. */
export interface Rewrite {
  readonly find: string;
  readonly use: string;
}

/** @throws {Error} when a `find` is not there exactly once, which is how an upgrade of the package shows */
export function rewrite(source: string, file: string, rewrites: readonly Rewrite[]): string {
  let text = source;
  for (const { find, use } of rewrites) {
    const times = text.split(find).length - 1;
    if (times !== 1) {
      throw new Error(
        `${file} has ${times} times what the bundle replaces exactly once: ${find}\n` +
          'The package has changed. Read its new source, then adapt or drop the rewrite in plugin/build.',
      );
    }
    text = text.replace(find, () => use);
  }
  return text;
}

/**
 * Bundles `file` of `packageName` rewritten. The build fails when the text is not the expected one, and when the package
 * is bundled without that file, as after a rename.
 */
export function rewriteFile(
  build: PluginBuild,
  { packageName, file, rewrites }: { packageName: string; file: string; rewrites: readonly Rewrite[] },
): void {
  const path = `node_modules/${packageName}/${file}`;
  let isRewritten = false;
  build.onLoad({ filter: pathEndsWith(path) }, async (found) => {
    isRewritten = true;
    try {
      return { contents: rewrite(await readFile(found.path, 'utf8'), path, rewrites), loader: 'js' };
    } catch (error) {
      return { errors: [{ text: error instanceof Error ? error.message : String(error) }] };
    }
  });
  build.onEnd(({ metafile }) => {
    const isBundled = Object.keys(metafile?.inputs ?? {}).some((input) =>
      input.includes(`node_modules/${packageName}/`),
    );
    return isBundled && !isRewritten
      ? { errors: [{ text: `${path} is rewritten for the bundle but was not found.` }] }
      : {};
  });
}

/** Matches absolute paths of both Unix and Windows. */
export function pathEndsWith(path: string): RegExp {
  const parts = path.split('/').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`[\\\\/]${parts.join('[\\\\/]')}$`);
}

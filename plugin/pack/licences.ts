import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.|-|$)/i;
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Packages that name their licence without including it; the copyright line is that of their sources. */
const WITHOUT_FILE: Readonly<Record<string, string>> = {
  'yoga-layout': `MIT License\n\nCopyright (c) Meta Platforms, Inc. and affiliates.\n\n${MIT}`,
};

/**
 * The licence of every package of which the bundle contains something, with its name and version.
 *
 * @param root  the folder that the metafile's paths start from
 * @throws {Error} when a package has no licence file: it may not be shipped before somebody has looked
 */
export async function thirdPartyLicences({ outputs }: Metafile, root: string): Promise<string> {
  const inputs = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  );
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== null));
  const texts = new Map<string, string>();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license?: string;
    };
    const files = (await readdir(join(root, folder))).filter((file) => LICENCE_FILE.test(file)).sort();
    const contents = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
    const text = contents.length > 0 ? contents.map((each) => each.trim()).join('\n\n') : WITHOUT_FILE[name];
    if (text === undefined)
      throw new Error(`${name}@${version} (${license ?? 'no licence'}) is bundled but has no licence file.`);
    texts.set(
      `${name}@${version}`,
      `${name} ${version} (${license ?? 'see below'})\n\n${text.replaceAll('\r\n', '\n')}\n`,
    );
  }
  const ruler = `\n${'-'.repeat(80)}\n\n`;
  const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return ['kubectl-netdebug contains parts of these packages.\n', ...sorted].join(ruler);
}

/** `node_modules/a/node_modules/@b/c` for any file of it; null for a file of ours. */
function packageFolder(path: string): string | null {
  const folder = /^(?:.*:)?(?:.*?\/)??(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
  return folder ?? null;
}

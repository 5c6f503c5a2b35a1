import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { type Entry, tarGz, zip } from '../../plugin/pack/archive.ts';

const time = new Date('2026-03-04T05:06:08Z');
const text = (path: string, contents: string, executable = false): Entry => ({
  path,
  contents: Buffer.from(contents),
  executable,
});
const entries = [
  text('node', 'binary', true),
  text('lib/b.mjs', 'b'),
  text('LICENSE', 'licence'),
  text('lib/a.mjs', 'a'),
];

describe('a .tar.gz', () => {
  it('holds regular files in order, of nobody, of one time', async () => {
    const headers = [];
    const tar = extract();
    tar.end(gunzipSync(await tarGz(entries, time)));
    for await (const entry of tar) {
      const { name, type, mode, uid, gid, uname, gname, mtime, size } = entry.header;
      headers.push([name, type, mode?.toString(8), uid, gid, uname, gname, mtime?.toISOString(), size]);
      entry.resume();
    }
    const when = '2026-03-04T05:06:08.000Z';
    expect(headers).toEqual([
      ['LICENSE', 'file', '644', 0, 0, '', '', when, 7],
      ['lib/a.mjs', 'file', '644', 0, 0, '', '', when, 1],
      ['lib/b.mjs', 'file', '644', 0, 0, '', '', when, 1],
      ['node', 'file', '755', 0, 0, '', '', when, 6],
    ]);
  });

  it('is the same whatever order the files came in', async () => {
    expect(await tarGz([...entries].reverse(), time)).toEqual(await tarGz(entries, time));
  });

  it('has neither name nor time of the packing', async () => {
    const bytes = await tarGz(entries, time);
    // RFC 1952: no flags, which means no name; then four bytes of time.
    expect([...bytes.subarray(3, 8)]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('a .zip', () => {
  it('is the same whatever order the files came in', async () => {
    expect(await zip([...entries].reverse(), time)).toEqual(await zip(entries, time));
  });

  it('lists the files in order, as made on Unix, executables as such', async () => {
    const bytes = await zip(entries, time);
    const listed = [];
    // APPNOTE 4.3.12: the central directory, an entry of 46 bytes and its name for each file.
    for (
      let at = bytes.indexOf('PK\x01\x02', 0, 'latin1');
      at >= 0;
      at = bytes.indexOf('PK\x01\x02', at + 1, 'latin1')
    ) {
      const name = bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28));
      listed.push([name, bytes[at + 5], (bytes.readUInt32LE(at + 38) >>> 16).toString(8)]);
    }
    expect(listed).toEqual([
      ['LICENSE', 3, '100644'],
      ['lib/a.mjs', 3, '100644'],
      ['lib/b.mjs', 3, '100644'],
      ['node', 3, '100755'],
    ]);
  });
});

/** What is taken out of Node's executables, on the bytes: no tool of the target's platform is needed, and the result is the same everywhere. */

/**
 * A 64-bit little-endian ELF file without what only linkers and debuggers read: the symbol table, and the section headers
 * that lead to it. A kernel loads by program headers. A seventh of Node.
 *
 * @throws {Error} for anything else
 * @see elf(5)
 */
export function withoutSymbols(elf: Buffer): Buffer {
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1)
    throw new Error('This is no 64-bit little-endian ELF file.');
  const headers = Number(elf.readBigUInt64LE(0x20));
  const headerSize = elf.readUInt16LE(0x36);
  const count = elf.readUInt16LE(0x38);
  let end = headers + headerSize * count;
  for (let index = 0; index < count; index++) {
    const at = headers + headerSize * index;
    end = Math.max(end, Number(elf.readBigUInt64LE(at + 0x08) + elf.readBigUInt64LE(at + 0x20)));
  }
  const stripped = Buffer.from(elf.subarray(0, end));
  stripped.writeBigUInt64LE(0n, 0x28); // where section headers begin
  stripped.writeUInt16LE(0, 0x3c); // how many there are
  stripped.writeUInt16LE(0, 0x3e); // which of them has their names
  return stripped;
}

/**
 * A 64-bit Windows executable without its signature, which no longer holds once something is put into it, and which a changed
 * file must not carry.
 *
 * @throws {Error} for anything else, and for a signature that is not at the end, where signing tools put it
 * @see https://learn.microsoft.com/windows/win32/debug/pe-format#the-attribute-certificate-table-image-only
 */
export function withoutSignature(exe: Buffer): Buffer {
  const start = exe.readUInt16LE(0) === 0x5a4d ? exe.readUInt32LE(0x3c) : 0;
  const optional = start + 24;
  if (start === 0 || exe.readUInt32BE(start) !== 0x50450000 || exe.readUInt16LE(optional) !== 0x20b)
    throw new Error('This is no 64-bit Windows executable.');
  const directory = optional + 112 + 4 * 8; // the fifth data directory: certificates
  const [at, size] = [exe.readUInt32LE(directory), exe.readUInt32LE(directory + 4)];
  if (size === 0) return exe;
  if (at + size !== exe.length) throw new Error('The signature is not at the end of the executable.');
  const unsigned = Buffer.from(exe.subarray(0, at));
  unsigned.fill(0, directory, directory + 8);
  return unsigned;
}

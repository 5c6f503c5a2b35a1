import { describe, expect, it } from 'vitest';
import { withoutSignature, withoutSymbols } from '../../plugin/pack/executables.ts';

describe('an ELF file without symbols', () => {
  /** A header, one segment of `code` at 120, symbols behind it, and a section header behind those. */
  function elf(code: string, symbols: string): Buffer {
    const file = Buffer.concat([Buffer.alloc(120), Buffer.from(code), Buffer.from(symbols), Buffer.alloc(64)]);
    file.write('\x7fELF\x02\x01\x01', 'latin1');
    file.writeBigUInt64LE(64n, 0x20); // program headers
    file.writeBigUInt64LE(BigInt(file.length - 64), 0x28); // section headers
    file.writeUInt16LE(56, 0x36);
    file.writeUInt16LE(1, 0x38);
    file.writeUInt16LE(64, 0x3a);
    file.writeUInt16LE(1, 0x3c);
    file.writeUInt16LE(1, 0x3e);
    file.writeBigUInt64LE(120n, 64 + 0x08);
    file.writeBigUInt64LE(BigInt(code.length), 64 + 0x20);
    return file;
  }

  it('ends with what is loaded, and points at nothing behind it', () => {
    const whole = elf('code', 'main,printf');
    const stripped = withoutSymbols(whole);
    expect(stripped.toString('latin1', 120)).toBe('code');
    expect(stripped.readBigUInt64LE(0x28)).toBe(0n);
    expect([stripped.readUInt16LE(0x3c), stripped.readUInt16LE(0x3e)]).toEqual([0, 0]);
    expect(whole.toString('latin1')).toContain('main,printf');
  });

  it('is not made of anything else', () => {
    expect(() => withoutSymbols(Buffer.from('#!/bin/sh\n'.repeat(20)))).toThrow('no 64-bit little-endian ELF');
    const arm = elf('code', '');
    arm[4] = 1; // 32 bits
    expect(() => withoutSymbols(arm)).toThrow('no 64-bit little-endian ELF');
  });
});

describe('a Windows executable without its signature', () => {
  function exe(code: string, signature: string, behind = ''): Buffer {
    const head = Buffer.alloc(0x180);
    head.write('MZ', 'latin1');
    head.writeUInt32LE(0x40, 0x3c);
    head.write('PE\0\0', 0x40, 'latin1');
    head.writeUInt16LE(0x20b, 0x58);
    if (signature !== '') {
      head.writeUInt32LE(head.length + code.length, 0x58 + 144);
      head.writeUInt32LE(signature.length, 0x58 + 148);
    }
    return Buffer.concat([head, Buffer.from(code), Buffer.from(signature), Buffer.from(behind)]);
  }

  it('is the executable that was signed', () => {
    expect(withoutSignature(exe('code', 'signature'))).toEqual(exe('code', ''));
  });

  it('is the same when there is none', () => {
    expect(withoutSignature(exe('code', ''))).toEqual(exe('code', ''));
  });

  it('is not made when something stands behind the signature', () => {
    expect(() => withoutSignature(exe('code', 'signature', 'more'))).toThrow('not at the end');
  });

  it('is not made of anything else', () => {
    expect(() => withoutSignature(Buffer.alloc(0x200))).toThrow('no 64-bit Windows executable');
  });
});

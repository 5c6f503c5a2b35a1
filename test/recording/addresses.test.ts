import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../src/recording/addresses.ts';

/** Those that are the same everywhere stay as they are and are tested for themselves. */
const v4 = fc.ipV4().filter((text) => !/^(0|127|169\.254|22[4-9]|2[345]\d)\./.test(text));
const v6 = fc
  .ipV6()
  .filter(
    (text) =>
      !['unspecified', 'loopback', 'multicast', 'ipv4Mapped'].includes(ipaddr.parse(text).range()) &&
      !text.startsWith('::'),
  );

/** How many leading bits two addresses share. */
function shared(a: string, b: string): number {
  const bits = (text: string): string =>
    ipaddr
      .parse(text)
      .toByteArray()
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('');
  const [left, right] = [bits(a), bits(b)];
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

describe('AddressMap', () => {
  it.each([
    ['IPv4', v4],
    ['IPv6', v6],
  ])('keeps family and shared prefixes of %s, and never makes two addresses one', (_family, address) =>
    fc.assert(
      fc.property(address, address, (a, b) => {
        const map = new AddressMap();
        const [x, y] = [map.replace(a) ?? '', map.replace(b) ?? ''];
        expect(ipaddr.parse(x).kind()).toBe(ipaddr.parse(a).kind());
        expect(shared(x, y)).toBe(shared(a, b));
      }),
    ),
  );

  it('changes addresses of Pods, Services and nodes, within their private range', () => {
    const map = new AddressMap(() => 0.1);
    expect(map.replace('10.244.1.7')).toMatch(/^10\./);
    expect(map.replace('10.244.1.7')).not.toBe('10.244.1.7');
    expect(map.replace('192.168.4.9')).toMatch(/^192\.168\./);
    expect(map.replace('172.20.0.1')).toMatch(/^172\.(1[6-9]|2\d|3[01])\./);
    expect(map.replace('fd00:10:244::7')).toMatch(/^f[cd]/);
  });

  it('leaves addresses that are the same everywhere', () => {
    const map = new AddressMap(() => 0.1);
    for (const same of ['127.0.0.1', '0.0.0.0', '169.254.169.254', '::1', '::']) expect(map.replace(same)).toBe(same);
  });

  it('takes an IPv4 address in IPv6 clothes for the same address', () => {
    const map = new AddressMap();
    expect(map.replace('::ffff:10.244.1.7')).toBe(`::ffff:${map.replace('10.244.1.7')}`);
  });

  it('keeps an address inside its range', () => {
    const map = new AddressMap();
    const [range = '', length = ''] = (map.replace('10.244.2.0/24') ?? '').split('/');
    const address = map.replace('10.244.2.17') ?? '';
    expect(length).toBe('24');
    expect(ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parse(range), 24)).toBe(true);
    expect(range).toMatch(/\.0$/);
  });

  it.each(['api', '1.2.3', '10.0.0.1/40', '10.0.0.1/a', '12:30:45', '', '1.2.3.4.5'])('%j is no address', (text) =>
    expect(new AddressMap().replace(text)).toBeNull(),
  );
});

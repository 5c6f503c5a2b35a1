/** Other addresses in place of the real ones: same family, same kind of range, and two that share a prefix still share it. */
import ipaddr from 'ipaddr.js';

/** Ranges whose first bits say what kind of address it is; they stay. From the IANA special-purpose registries. */
const KEPT: readonly string[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  'fe80::/10',
  'fc00::/7',
  '2001:db8::/32',
  '2000::/3',
];

/** The same everywhere, so that they tell nothing: loopback, link-local of IPv4, multicast, unspecified. */
const UNCHANGED: readonly string[] = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/96', 'ff00::/8'];

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A range as its family and the bits of its prefix. */
function pathOf(range: string): string {
  const [address, length] = ipaddr.parseCIDR(range);
  const bits = address
    .toByteArray()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return familyOf(address) + bits.slice(0, length);
}

const UNCHANGED_PATHS = UNCHANGED.map(pathOf);
/** The way to these ranges stays for every address, or another one would end up in them. */
const STAYING = [...KEPT.map(pathOf), ...UNCHANGED_PATHS];

/**
 * Prefix-preserving pseudonyms: every bit is kept or turned over depending on the bits before it, as in Xu, Fan, Ammar and
 * Moon, "Prefix-Preserving IP Address Anonymization" (ICNP 2002). A subnet stays a subnet, and no two addresses become one.
 */
export class AddressMap {
  readonly #flips = new Map<string, boolean>();
  readonly #random: () => number;
  /** What became of which address or range, in the order in which they were met. */
  readonly known = new Map<string, string>();

  /** @param random in place of Math.random, to get the same addresses again */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The pseudonym of an address, or of a range as `address/length`; null when the text is neither. */
  replace(text: string): string | null {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const [host = '', length, ...more] = text.split('/');
    if (more.length > 0 || !isAddress(host)) return null;
    const address = ipaddr.parse(host);
    const bits = address.kind() === 'ipv4' ? 32 : 128;
    const prefix = length === undefined ? bits : Number(length);
    if (!(prefix >= 0 && prefix <= bits)) return null;
    const mapped = this.#mapped(address, prefix);
    const replaced = length === undefined ? mapped : `${mapped}/${length}`;
    this.known.set(text, replaced);
    return replaced;
  }

  #mapped(address: Address, prefix: number): string {
    if (address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress())
      return `::ffff:${this.#map((address as ipaddr.IPv6).toIPv4Address(), Math.max(0, prefix - 96))}`;
    return this.#map(address, prefix).toString();
  }

  #map(address: Address, prefix: number): Address {
    const bytes = address.toByteArray();
    let path = familyOf(address);
    const out = bytes.map(() => 0);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const real = ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
      // What lies behind the prefix of a range is no part of it.
      const shown = bit >= prefix ? real : real ^ (this.#flip(path) ? 1 : 0);
      out[bit >> 3] = (out[bit >> 3] ?? 0) | (shown << (7 - (bit & 7)));
      path += real;
    }
    return ipaddr.fromByteArray(out);
  }

  #flip(path: string): boolean {
    if (
      STAYING.some((range) => range.startsWith(path) && range !== path) ||
      UNCHANGED_PATHS.some((range) => path.startsWith(range))
    )
      return false;
    let flip = this.#flips.get(path);
    if (flip === undefined) {
      flip = this.#random() < 0.5;
      this.#flips.set(path, flip);
    }
    return flip;
  }
}

function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text));
}

function familyOf(address: Address): string {
  return address.kind() === 'ipv4' ? '4' : '6';
}

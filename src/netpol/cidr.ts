import ipaddr from 'ipaddr.js';

type Block = ReturnType<typeof ipaddr.parseCIDR>;
type Address = ReturnType<typeof ipaddr.parse>;

/** A cluster's policies name a few blocks again and again, and every Pod's address is asked for many times. */
const blocks = new Map<string, Block | null>();
const addresses = new Map<string, Address | null>();
const MOST_KEPT = 20_000;

/**
 * Whether an address lies in a CIDR block. False when either is malformed or they are of different families.
 *
 * @see RFC 4632, RFC 4291 section 2.3
 */
export function inCidr(address: string, cidr: string): boolean {
  const parsed = kept(addresses, address, () => (ipaddr.isValid(address) ? ipaddr.parse(address) : null));
  const block = kept(blocks, cidr, () => (ipaddr.isValidCIDR(cidr) ? ipaddr.parseCIDR(cidr) : null));
  if (parsed === null || block === null) return false;
  return parsed.kind() === block[0].kind() && parsed.match(block[0], block[1]);
}

/** Whether a text is a block of addresses: an address, a slash, a number of bits that the family has. */
export function isCidr(text: string): boolean {
  return (
    kept(blocks, text, () => (ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null)) !== null &&
    (text.includes(':') || /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/.test(text))
  );
}

function kept<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (cache.size >= MOST_KEPT) cache.clear();
  cache.set(key, made);
  return made;
}

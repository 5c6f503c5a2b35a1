import ipaddr from 'ipaddr.js';

/**
 * Whether an address lies in a CIDR block. False when either is malformed or they are of different families.
 *
 * @see RFC 4632, RFC 4291 section 2.3
 */
export function inCidr(address: string, cidr: string): boolean {
  if (!ipaddr.isValid(address) || !ipaddr.isValidCIDR(cidr)) return false;
  const parsed = ipaddr.parse(address);
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}

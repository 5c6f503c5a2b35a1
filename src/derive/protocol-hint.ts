/** What the name of a port says about the protocol spoken on it. */
export type ProtocolHint = 'http' | 'https' | 'other';

/**
 * Null when the name says nothing. A prefix of a domain is passed over, as in `kubernetes.io/h2c`.
 *
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/3726-standard-application-protocols
 */
export function protocolHint(name: string): ProtocolHint | null {
  const word = name.replace(/^[a-z0-9.-]+\//i, '');
  if (/^(https|tls|ssl|wss)/i.test(word)) return 'https';
  if (/^(http|web|rest|ws)/i.test(word)) return 'http';
  return /^(grpc|h2c|redis|amqp|mysql|postgres|mongo|kafka|nats|smtp|ldap|tcp)/i.test(word) ? 'other' : null;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadName, parseDestination, parseName, protocolNamed } from '../../src/target/parse.ts';

describe('a source', () => {
  it.each([
    ['web', null, 'web'],
    ['web.shop', null, 'web.shop'],
    ['pod/web', 'Pod', 'web'],
    ['po/demo', 'Pod', 'demo'],
    ['pods/web-7d4f9c6b5d-x2x7l', 'Pod', 'web-7d4f9c6b5d-x2x7l'],
    ['deploy/web.shop', 'Deployment', 'web.shop'],
    ['Deployment/web', 'Deployment', 'web'],
    ['sts/db', 'StatefulSet', 'db'],
    ['ds/agent', 'DaemonSet', 'agent'],
    ['rs/web-7d4f9c6b5d', 'ReplicaSet', 'web-7d4f9c6b5d'],
    ['job/import', 'Job', 'import'],
    ['node/n1', 'Node', 'n1'],
    ['no/n1', 'Node', 'n1'],
    ['svc/api', 'Service', 'api'],
    ['ing/shop', 'Ingress', 'shop'],
    ['httproute/shop', 'HTTPRoute', 'shop'],
    ['gtw/edge', 'Gateway', 'edge'],
  ])('%s', (text, kind, name) => expect(parseName(text)).toEqual({ kind, name }));

  it.each([
    '',
    ' ',
    '/',
    'pod/',
    '/web',
    'cronjob/x',
    '-web',
    'web-',
    '../web',
    'web shop',
    'web;ls',
    'pod/web/x',
    '$(x)',
    'a'.repeat(318),
  ])('is not %j', (text) => expect(() => parseName(text)).toThrow(BadName));
});

describe('a destination', () => {
  const name = (text: string, kind: string | null = null) => ({ form: 'name', kind, name: text });
  const address = (text: string) => ({ form: 'address', address: text });
  const url = (scheme: string, host: string) => ({ form: 'url', scheme, host });

  it.each([
    ['api', name('api'), 'api', null],
    ['api:80', name('api'), 'api', 80],
    ['api:http', name('api'), 'api', 'http'],
    ['db.data:5432', name('db.data'), 'db.data', 5432],
    ['svc/api:80', name('api', 'Service'), 'api', 80],
    ['pod/api-a', name('api-a', 'Pod'), 'api-a', null],
    ['api.shop.svc.cluster.local.:80', name('api.shop.svc.cluster.local.'), 'api.shop.svc.cluster.local.', 80],
    ['10.96.0.7', address('10.96.0.7'), '10.96.0.7', null],
    ['10.96.0.7:443', address('10.96.0.7'), '10.96.0.7', 443],
    ['fd00::7', address('fd00::7'), 'fd00::7', null],
    ['FD00:0::0007', address('fd00::7'), 'FD00:0::0007', null],
    ['[fd00::7]', address('fd00::7'), 'fd00::7', null],
    ['[fd00::7]:8080', address('fd00::7'), 'fd00::7', 8080],
    ['http://api', url('http', 'api'), 'api', null],
    ['https://example.com/a/b?c=d#e', url('https', 'example.com'), 'example.com', null],
    ['HTTPS://Example.com:8443/', url('https', 'example.com'), 'example.com', 8443],
    ['https://user:secret@example.com/', url('https', 'example.com'), 'example.com', null],
    ['http://[fd00::7]:8080/', url('http', 'fd00::7'), 'fd00::7', 8080],
    ['http://10.96.0.7/', url('http', '10.96.0.7'), '10.96.0.7', null],
  ])('%s', (text, to, typed, port) => expect(parseDestination(text)).toEqual({ to, typed, port }));

  it.each([
    ['', 'no name'],
    ['api:', 'neither a port number nor a port name'],
    ['api:0', 'not between 1 and 65535'],
    ['api:65536', 'not between 1 and 65535'],
    ['api:HTTP', 'neither a port number nor a port name'],
    ['api:-1', 'neither a port number nor a port name'],
    ['api:80:90', 'is no IP address; a port goes behind a name or behind [ADDRESS], once.'],
    ['svc/api:80:90', 'is no IP address'],
    ['[10.0.0.1]', 'is no IP address'],
    ['@a/::', 'is no IP address'],
    ['[::::]:80', 'is no IP address'],
    ['10.0.0.256', 'is no IP address'],
    ['cronjob/x', '"cronjob" is no kind'],
    ['http://', 'neither a port number'],
    ['http://:80/', 'is no URL'],
    ['https://-x/', 'is no name'],
    ['ftp://example.com/', 'neither a port number'],
  ])('is not %j', (text, why) => {
    expect(() => parseDestination(text)).toThrow(BadName);
    expect(() => parseDestination(text)).toThrow(why);
  });

  it('is parsed or refused with words, whatever was typed', () => {
    const unit = fc.constantFrom(...'ab1.:/[]-_%@ ~\\\n$%é'.split(''), 'http://', 'svc/', '::');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 24 }), (text) => {
        try {
          const { to } = parseDestination(text);
          // What goes on to tools and into paths cannot be taken for an option, a path or two words.
          const word = to.form === 'address' ? to.address : to.form === 'url' ? to.host : to.name;
          expect(word).toMatch(/^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/);
        } catch (error) {
          if (!(error instanceof BadName)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

it('knows three protocols', () => {
  expect(['tcp', 'UDP', 'sctp', 'icmp', ''].map(protocolNamed)).toEqual(['TCP', 'UDP', 'SCTP', null, null]);
});

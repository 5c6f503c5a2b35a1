import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCorefile } from '../../src/dns/corefile.ts';
import {
  cachedFor,
  detectsLoops,
  forwardsFor,
  kubernetesZones,
  pinsOf,
  serversFor,
  unknownPlugins,
} from '../../src/dns/plugins.ts';

/** As kubeadm writes it; see https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/ */
const KUBEADM = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;
const [main] = parseCorefile(KUBEADM).servers;
if (main === undefined) throw new Error('no server');

describe('the Corefile of kubeadm', () => {
  it('is read without a complaint', () =>
    expect(parseCorefile(KUBEADM)).toMatchObject({ problems: [], imports: [], servers: [{ zones: ['.'], port: 53 }] }));
  it('has its plugins in order, with their lines', () =>
    expect(main.directives.map(({ name, line }) => `${name} ${line}`)).toEqual([
      'errors 2',
      'health 3',
      'ready 6',
      'kubernetes 7',
      'prometheus 12',
      'forward 13',
      'cache 16',
      'loop 20',
      'reload 21',
      'loadbalance 22',
    ]));
  it('serves the cluster domain', () => expect(kubernetesZones(parseCorefile(KUBEADM))).toEqual(['cluster.local.']));
  it('forwards outside names to the servers of the node, so many at a time', () =>
    expect(forwardsFor(main, 'example.com.')).toEqual([
      { line: 13, from: '.', to: ['/etc/resolv.conf'], addresses: [], maxConcurrent: 1000 },
    ]));
  it('keeps outside answers 30 s and cluster names not at all', () => {
    expect(cachedFor(main, 'www.example.com.')).toEqual({ successS: 30, denialS: 30 });
    expect(cachedFor(main, 'api.shop.svc.cluster.local.')).toEqual({ successS: 0, denialS: 0 });
  });
  it('detects loops, pins nothing and has no unknown plugin', () => {
    expect(detectsLoops(main)).toBe(true);
    expect(pinsOf(parseCorefile(KUBEADM), 'api.shop.svc.cluster.local.')).toEqual([]);
    expect(unknownPlugins(parseCorefile(KUBEADM))).toEqual([]);
  });
});

const zonesOf = (text: string) =>
  parseCorefile(text).servers.map(({ zones, port, transport }) => ({ zones, port, transport }));

// https://coredns.io/manual/configuration/
describe('server blocks', () => {
  it.each([
    [
      'a zone and a port',
      'example.org:1053 {\n whoami\n}',
      [{ zones: ['example.org.'], port: 1053, transport: 'dns' }],
    ],
    ['several zones', 'a.test b.test {\n whoami\n}', [{ zones: ['a.test.', 'b.test.'], port: 53, transport: 'dns' }]],
    [
      'commas, over lines',
      'a.test,\nb.test {\n whoami\n}',
      [{ zones: ['a.test.', 'b.test.'], port: 53, transport: 'dns' }],
    ],
    ['a transport', 'tls://. {\n whoami\n}', [{ zones: ['.'], port: 853, transport: 'tls' }]],
    [
      'two ports',
      '.:53 .:5353 {\n whoami\n}',
      [
        { zones: ['.'], port: 53, transport: 'dns' },
        { zones: ['.'], port: 5353, transport: 'dns' },
      ],
    ],
    ['a port alone', ':1053 {\n whoami\n}', [{ zones: ['.'], port: 1053, transport: 'dns' }]],
    ['no braces', '.:53\nwhoami\nlog', [{ zones: ['.'], port: 53, transport: 'dns' }]],
    ['an environment variable', '{$ZONE}:53 {\n whoami\n}', [{ zones: ['{$zone}.'], port: 53, transport: 'dns' }]],
    ['capital letters', 'EXAMPLE.org {\n whoami\n}', [{ zones: ['example.org.'], port: 53, transport: 'dns' }]],
    ['nothing at all', '', []],
    ['nothing but a comment', '# here\n', []],
  ])('with %s', (_what, text, servers) => expect(zonesOf(text)).toEqual(servers));

  it('keeps a quoted argument together, and a # inside a word', () =>
    expect(
      parseCorefile('. {\n template IN A {\n answer "{{ .Name }} 60 IN A 10.9.9.9" # why\n }\n log a#b\n}').servers[0]
        ?.directives,
    ).toMatchObject([
      { name: 'template', block: [{ name: 'answer', args: ['{{ .Name }} 60 IN A 10.9.9.9'] }] },
      { name: 'log', args: ['a#b'] },
    ]));

  it('puts a snippet in where it is imported, with its arguments', () => {
    const text = '(common) {\n errors\n forward . {args[0]}\n}\n. {\n import common 192.0.2.1\n}\n';
    const [server] = parseCorefile(text).servers;
    expect(server?.directives.map(({ name, args }) => [name, ...args].join(' '))).toEqual([
      'errors',
      'forward . 192.0.2.1',
    ]);
  });

  it('names the files that it imports', () =>
    expect(parseCorefile('import ../zones/*.conf\n. {\n import custom/*.override\n}\n').imports).toEqual([
      '../zones/*.conf',
      'custom/*.override',
    ]));

  it('goes through snippets that import each other once', () =>
    expect(parseCorefile('(a) {\n import a\n}\n. {\n import a\n}\n').problems).toHaveLength(1));

  it.each([
    ['a brace that is not closed', '. {\n whoami\n', 2],
    ['a quote that is not closed', '. {\n log "a\n}\n', 2],
    ['a brace too many', '. {\n whoami\n}\n}\n', 4],
    ['a brace without a name', '. {\n {\n whoami\n }\n}\n', 2],
  ])('tells of %s and its line', (_what, text, line) => expect(parseCorefile(text).problems[0]?.line).toBe(line));
});

// Short examples in the syntax of https://coredns.io/plugins/, one for each form.
describe('plugins', () => {
  const one = (text: string) => {
    const [server] = parseCorefile(`. {\n${text}\n}`).servers;
    if (server === undefined) throw new Error('no server');
    return server;
  };

  it.each([
    ['an address', 'forward . 192.0.2.1', [{ address: '192.0.2.1', port: 53 }]],
    ['an address with a port', 'forward . 192.0.2.1:5353', [{ address: '192.0.2.1', port: 5353 }]],
    [
      'several',
      'forward . 192.0.2.1 192.0.2.2',
      [
        { address: '192.0.2.1', port: 53 },
        { address: '192.0.2.2', port: 53 },
      ],
    ],
    ['TLS', 'forward . tls://192.0.2.1', [{ address: '192.0.2.1', port: 853 }]],
    ['IPv6', 'forward . 2001:db8::1', [{ address: '2001:db8::1', port: 53 }]],
    ['IPv6 with a port', 'forward . [2001:db8::1]:5353', [{ address: '2001:db8::1', port: 5353 }]],
    ['a file', 'forward . /etc/resolv.conf', []],
  ])('forward to %s', (_what, text, addresses) =>
    expect(forwardsFor(one(text), 'example.com')[0]?.addresses).toEqual(addresses),
  );

  it('forwards the longest zone that the name lies in, and none that it excepts', () => {
    const server = one('forward . 192.0.2.1 {\n except corp.test\n}\nforward corp.test 192.0.2.2');
    expect(forwardsFor(server, 'db.corp.test').map(({ to }) => to)).toEqual([['192.0.2.2']]);
    expect(forwardsFor(server, 'example.com').map(({ to }) => to)).toEqual([['192.0.2.1']]);
    expect(forwardsFor(server, 'example.com')[0]?.maxConcurrent).toBeNull();
  });

  const NAME = 'db.shop.svc.cluster.local.';
  it.each([
    [
      'an entry of hosts',
      'hosts {\n 10.9.9.9 db.shop.svc.cluster.local\n fallthrough\n}',
      { plugin: 'hosts', address: '10.9.9.9', line: 3 },
    ],
    [
      'a template for the zone',
      'template IN A cluster.local {\n answer "{{ .Name }} 60 IN A 10.9.9.9"\n}',
      { plugin: 'template', address: '10.9.9.9' },
    ],
    [
      'a template that matches',
      'template IN A {\n match ^db[.]\n answer "{{ .Name }} 60 IN A 10.9.9.8"\n}',
      { plugin: 'template', address: '10.9.9.8' },
    ],
    ['a rewrite of the name', 'rewrite name db.shop.svc.cluster.local other.test', { plugin: 'rewrite' }],
    ['a rewrite that stops', 'rewrite stop name exact db.shop.svc.cluster.local other.test', { plugin: 'rewrite' }],
    ['a rewrite of a suffix', 'rewrite name suffix .svc.cluster.local .test', { plugin: 'rewrite' }],
    [
      'a rewrite by an expression',
      'rewrite name regex (.*)[.]shop[.]svc[.]cluster[.]local {1}.test',
      { plugin: 'rewrite' },
    ],
    ['a zone file', 'file /etc/coredns/db.zone shop.svc.cluster.local', { plugin: 'file' }],
  ])('see a name pinned by %s', (_what, text, pin) =>
    expect(pinsOf(parseCorefile(`. {\n${text}\n kubernetes cluster.local\n}`), NAME)).toMatchObject([pin]),
  );

  it('see a zone of its own take the name away', () =>
    expect(pinsOf(parseCorefile(`shop.svc.cluster.local {\n forward . 192.0.2.1\n}\n${KUBEADM}`), NAME)).toMatchObject([
      { plugin: 'zone', line: 1, text: 'shop.svc.cluster.local.' },
    ]));

  it.each([
    ['hosts of another name', 'hosts {\n 10.9.9.9 other.test\n}'],
    ['a template of another zone', 'template IN A corp.test {\n answer "{{ .Name }} 60 IN A 10.9.9.9"\n}'],
    ['a template for mail', 'template IN MX cluster.local {\n rcode NXDOMAIN\n}'],
    ['a rewrite of a type', 'rewrite type ANY HINFO'],
    ['a rewrite of another name', 'rewrite name other.test example.com'],
    ['an expression that JavaScript does not know', 'rewrite name regex (?P<x>.*)zz {1}'],
    ['an acl', 'acl {\n block type * net 192.0.2.0/24\n}'],
    ['autopath', 'autopath @kubernetes'],
    ['a view', "view tests {\n expr name() == 'x'\n}"],
  ])('pin nothing: %s', (_what, text) =>
    expect(pinsOf(parseCorefile(`. {\n${text}\n kubernetes cluster.local\n}`), NAME)).toEqual([]),
  );

  it('have two servers for a name only where a view decides', () =>
    expect(serversFor(parseCorefile('. {\n view a {\n expr true\n }\n}\n. {\n whoami\n}\n'), 'x.test')).toHaveLength(
      2,
    ));

  it('that are not known are named', () =>
    expect(
      unknownPlugins(parseCorefile('. {\n errors\n foward . 192.0.2.1\n}\n')).map(
        ({ name, line }) => `${name} ${line}`,
      ),
    ).toEqual(['foward 3']));

  it.each([
    ['cache 30', { successS: 30, denialS: 30 }],
    ['cache', { successS: 3600, denialS: 1800 }],
    ['cache 60 other.test', { successS: 0, denialS: 0 }],
    ['cache {\n success 9984 20\n denial 9984 5\n}', { successS: 20, denialS: 5 }],
    ['cache 30 {\n disable denial\n}', { successS: 30, denialS: 0 }],
    ['errors', { successS: 0, denialS: 0 }],
  ])('%j keeps answers', (text, kept) => expect(cachedFor(one(text), 'example.com')).toEqual(kept));
});

describe('any text', () => {
  const word = fc.constantFrom(
    '.',
    '{',
    '}',
    '"',
    '#',
    '\n',
    'import',
    '(a)',
    'a',
    'forward',
    'hosts',
    'template',
    'match',
    '(',
    '\\',
    '{$X}',
    ',',
    ':53',
    'rewrite',
    'name',
    'regex',
    '{args[0]}',
    '10.0.0.1',
  );
  it.each([
    ['of bytes', fc.string({ unit: 'binary', maxLength: 300 })],
    ['of words', fc.array(word, { maxLength: 80 }).map((words) => words.join(' '))],
    ['of words without blanks', fc.array(word, { maxLength: 80 }).map((words) => words.join(''))],
  ])('%s is read without a crash, and judged without one', (_what, texts) =>
    fc.assert(
      fc.property(texts, (text) => {
        const corefile = parseCorefile(text);
        pinsOf(corefile, 'db.shop.svc.cluster.local.');
        unknownPlugins(corefile);
        kubernetesZones(corefile);
        for (const server of corefile.servers) {
          forwardsFor(server, 'example.com.');
          cachedFor(server, 'example.com.');
          expect(server.port).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    ),
  );

  it('is read in bounded depth', () => {
    expect(parseCorefile(`. ${'a {\n'.repeat(20_000)}`).problems.length).toBeGreaterThan(0);
    expect(parseCorefile('{'.repeat(50_000)).servers.length).toBeLessThan(50_001);
  });
});

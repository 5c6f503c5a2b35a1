/** Each plugin that netdebug draws conclusions from, in every form that its page of the manual allows; see https://coredns.io/plugins/. */
import { describe, expect, it } from 'vitest';
import { parseCorefile } from '../../src/dns/corefile.ts';
import { forwardsFor, kubernetesZones, pinsOf, serversFor, unknownPlugins } from '../../src/dns/plugins.ts';

const FORMS: Readonly<Record<string, readonly string[]>> = {
  forward: [
    'forward . 192.0.2.1',
    'forward . /etc/resolv.conf',
    'forward corp.test 192.0.2.1:5300 [2001:db8::1]:53 dns://192.0.2.3',
    'forward . tls://192.0.2.1 tls://192.0.2.2 {\n tls_servername dns.example.net\n health_check 5s\n}',
    'forward . 192.0.2.1 {\n tls /etc/cert.pem /etc/key.pem /etc/ca.pem\n}',
    'forward . 192.0.2.1 {\n except corp.test example.org\n force_tcp\n prefer_udp\n expire 10s\n max_fails 3\n max_idle_conns 4\n policy round_robin\n max_concurrent 1000\n next NXDOMAIN SERVFAIL\n failfast_all_unhealthy_upstreams\n failover SERVFAIL REFUSED\n}',
    'forward . 192.0.2.1 {\n policy sequential\n health_check 0.5s no_rec domain example.org\n}',
  ],
  hosts: [
    'hosts',
    'hosts /etc/coredns/hosts',
    'hosts /etc/coredns/hosts example.org example.net',
    'hosts {\n 192.0.2.7 db.example.org db\n 2001:db8::7 db.example.org\n fallthrough\n}',
    'hosts example.hosts example.org {\n 192.0.2.7 www.example.org\n ttl 60\n no_reverse\n reload 10s\n fallthrough example.org\n}',
  ],
  rewrite: [
    'rewrite name a.example.org b.example.org',
    'rewrite name exact a.example.org b.example.org',
    'rewrite continue name suffix .example.org .cluster.local answer auto',
    'rewrite stop {\n name regex (.*)-(us)\\.example\\.org {1}.service.{2}.internal\n answer name (.*)\\.service\\.(us)\\.internal {1}-{2}.example.org\n}',
    'rewrite {\n name prefix old- new-\n}',
    'rewrite type ANY HINFO',
    'rewrite class CH IN',
    'rewrite edns0 local set 0xffee 0x61626364',
    'rewrite edns0 nsid set revert',
    'rewrite edns0 subnet set 24 56',
    'rewrite ttl regex .*\\.example\\.org 30-300',
    'rewrite rcode suffix .example.org NXDOMAIN NOERROR',
    'rewrite cname exact a.example.org. b.example.org.',
  ],
  template: [
    'template ANY ANY {\n rcode NXDOMAIN\n}',
    'template IN A example.org {\n match ^ip-(?P<a>[0-9]+)-(?P<b>[0-9]+)\\.example\\.org[.]$\n answer "{{ .Name }} 60 IN A 10.0.{{ .Group.a }}.{{ .Group.b }}"\n fallthrough\n}',
    'template IN MX example.org {\n answer "{{ .Name }} 60 IN MX 10 mail.example.org."\n additional "mail.example.org. 60 IN A 192.0.2.9"\n authority "example.org. 60 IN NS ns.example.org."\n ederror 21 "not supported"\n upstream\n}',
  ],
  cache: [
    'cache',
    'cache 30',
    'cache 30 example.org corp.test',
    'cache {\n success 9984 3600 300\n denial 9984 1800\n prefetch 10 1m 10%\n serve_stale 1h verify\n servfail 5s\n disable denial example.org\n keepttl\n}',
  ],
  loop: ['loop'],
  autopath: ['autopath @kubernetes', 'autopath example.org @kubernetes', 'autopath /etc/resolv.conf'],
  acl: [
    'acl {\n allow net 10.0.0.0/8\n block\n}',
    'acl example.org {\n block type A net 192.0.2.0/24 198.51.100.0/24\n filter type AAAA\n drop net *\n}',
  ],
  view: ["view internal {\n expr incidr(client_ip(), '10.0.0.0/8')\n expr type() == 'A' && name() matches '^x'\n}"],
  kubernetes: [
    'kubernetes',
    'kubernetes cluster.local',
    'kubernetes cluster.local in-addr.arpa ip6.arpa {\n endpoint https://10.0.0.1:6443\n tls cert key cacert\n kubeconfig /etc/kubeconfig admin\n namespaces shop front\n labels environment in (production, qa)\n pods verified\n endpoint_pod_names\n ttl 10\n noendpoints\n fallthrough in-addr.arpa ip6.arpa\n ignore empty_service\n startup_timeout 10s\n}',
    'kubernetes cluster.local {\n namespace_labels istio-injection=enabled\n pods disabled\n apiserver_qps 50\n apiserver_burst 100\n}',
  ],
  file: ['file db.example.org', 'file db.example.org example.org {\n reload 1m\n fallthrough\n}'],
};

const block = (directives: string, zones = '.:53') =>
  `${zones} {\n    errors\n${directives.replaceAll(/^/gm, '    ')}\n    ready\n}\n`;

describe.each(Object.entries(FORMS))('%s', (plugin, forms) => {
  it.each(forms)('%s', (form) => {
    const parsed = parseCorefile(block(form));
    expect(parsed.problems).toEqual([]);
    expect(parsed.imports).toEqual([]);
    expect(unknownPlugins(parsed)).toEqual([]);
    const [server] = parsed.servers;
    expect(server?.directives.map(({ name, line }) => `${name} ${line}`)).toEqual([
      'errors 2',
      `${plugin} 3`,
      `ready ${form.split('\n').length + 3}`,
    ]);
    const words = form.split('\n')[0]?.replace(/ \{$/, '').split(' ') ?? [];
    expect([plugin, ...(server?.directives[1]?.args ?? [])].join(' ')).toBe(words.join(' ').replaceAll('"', ''));
    expect(server?.directives[1]?.block.length).toBe(form.includes('\n') ? form.split('\n').length - 2 : 0);
  });
});

describe('what they mean together', () => {
  const STUBS = `corp.test:53 {
    errors
    cache 30
    forward . 192.0.2.10 192.0.2.11:5300
}
cluster.local:53 {
    kubernetes
}
${block('forward . 198.51.100.1', '.:53')}`;

  it('a stub zone has servers of its own for the names below it', () => {
    const targets = (name: string) =>
      serversFor(parseCorefile(STUBS), name).flatMap((server) =>
        forwardsFor(server, name).flatMap(({ addresses }) =>
          addresses.map(({ address, port }) => `${address}:${port}`),
        ),
      );
    expect(targets('git.corp.test.')).toEqual(['192.0.2.10:53', '192.0.2.11:5300']);
    expect(targets('corp.test.')).toEqual(['192.0.2.10:53', '192.0.2.11:5300']);
    expect(targets('notcorp.test.')).toEqual(['198.51.100.1:53']);
    expect(targets('api.shop.svc.cluster.local.')).toEqual([]);
  });

  it('the kubernetes plugin without zones serves those of its block', () =>
    expect(kubernetesZones(parseCorefile(STUBS))).toEqual(['cluster.local.']));

  it('a plugin that nobody knows is named with its line, and what stands around it is read', () => {
    const parsed = parseCorefile(block('fanout . 192.0.2.1 192.0.2.2 {\n worker-count 2\n}\nloop'));
    expect(unknownPlugins(parsed).map(({ name, line }) => `${name} ${line}`)).toEqual(['fanout 3']);
    expect(parsed.servers[0]?.directives.map(({ name }) => name)).toEqual(['errors', 'fanout', 'loop', 'ready']);
  });

  it('a property of a plugin is no plugin', () =>
    expect(unknownPlugins(parseCorefile(block('forward . 192.0.2.1 {\n next NXDOMAIN\n}')))).toEqual([]));

  it.each([
    ['rewrite continue name suffix .corp.test .svc.cluster.local answer auto', 'api.shop.corp.test.', 'rewrite'],
    ['rewrite {\n name exact api.shop.svc.cluster.local other.test\n}', 'api.shop.svc.cluster.local.', 'rewrite'],
    ['rewrite stop {\n name prefix api. www.\n answer auto\n}', 'api.shop.svc.cluster.local.', 'rewrite'],
    ['hosts example.hosts {\n 192.0.2.7 www.example.org\n ttl 60\n}', 'www.example.org.', 'hosts'],
  ])('%s takes %s', (form, name, plugin) =>
    expect(pinsOf(parseCorefile(block(form)), name).map((pin) => pin.plugin)).toEqual([plugin]),
  );
});

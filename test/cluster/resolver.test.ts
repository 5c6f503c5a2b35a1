/** The names that a resolver is computed to ask for are those that a CoreDNS saw: its log is the witness. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queriesFor } from '../../src/dns/resolver.ts';
import { readResolvConf } from '../../src/probes/resolv-conf.ts';
import { apply, kubectl, pod, unstage, until } from './stage.ts';

const NS = 'resolver-test';
const NAMES = [
  'api',
  'api.shop',
  'api.shop.svc',
  'api.shop.svc.cluster.local',
  'api.shop.svc.cluster.local.',
  'www.example.com',
  'www.example.com.',
  'a.b.c.d.e.f',
  'db-0.db',
  'x',
];
const CONFS = {
  kubelet: { searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'], ndots: '5' },
  few: { searches: ['corp.test', 'test'], ndots: '2' },
  none: { searches: [], ndots: '1' },
};
/** Knows no name, so that a resolver goes through its whole list, and says which it was asked. */
const COREFILE = `.:53 {
    log . "{name} {type}"
    template ANY ANY {
       rcode NXDOMAIN
    }
}
`;

/** The names asked for A, in order, after each marker: one list for each name that was looked up. */
async function askedAfter(marker: string): Promise<readonly (readonly string[])[]> {
  const log = await kubectl('-n', NS, 'logs', 'dns', '--tail=1000');
  const asked = log.split('\n').flatMap((line) => /(\S+) A$/.exec(line.trim())?.[1] ?? []);
  const lists: string[][] = [];
  for (const name of asked) {
    if (name.startsWith(marker)) lists.push([]);
    else lists.at(-1)?.push(name);
  }
  return lists;
}

/** What CoreDNS was asked for each of the names, when the Pod's own resolver looks them up one after the other. */
async function askAll(conf: string, times: number): Promise<Record<string, readonly string[] | undefined>> {
  const marker = `marker-${conf}-${times}`;
  const lookups = NAMES.map((name, index) => `dig +tries=1 ${marker}-${index}. A >/dev/null; getent ahostsv4 ${name}`);
  const end = `dig +tries=1 ${marker}-end. A >/dev/null`;
  await kubectl('-n', NS, 'exec', conf, '--', 'sh', '-c', [...lookups, end].join('; '));
  let asked: readonly (readonly string[])[] = [];
  await until('the log shows the last one', async () => {
    asked = await askedAfter(marker);
    return asked.length > NAMES.length;
  });
  return Object.fromEntries(NAMES.map((name, index) => [name, asked[index]]));
}

describe('the names that the system resolver asks for', () => {
  beforeAll(async () => {
    await unstage(NS);
    await apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NS } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'dns', namespace: NS }, data: { Corefile: COREFILE } },
    );
    const dns = {
      containers: [
        {
          name: 'dns',
          image: 'localhost/coredns:1.15',
          imagePullPolicy: 'Never',
          args: ['-conf', '/etc/coredns/Corefile'],
          volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'dns' } }],
    };
    await apply(pod(NS, 'dns', { spec: dns }));
    await kubectl('-n', NS, 'wait', '--for=condition=Ready', 'pod/dns', '--timeout=60s');
    const address = await kubectl('-n', NS, 'get', 'pod', 'dns', '-o', 'jsonpath={.status.podIP}');
    const tools = [
      {
        name: 'app',
        image: 'localhost/netshoot:latest',
        imagePullPolicy: 'IfNotPresent',
        command: ['sleep', 'infinity'],
      },
    ];
    for (const [name, { searches, ndots }] of Object.entries(CONFS)) {
      const dnsConfig = { nameservers: [address], searches, options: [{ name: 'ndots', value: ndots }] };
      await apply(pod(NS, name, { spec: { containers: tools, dnsPolicy: 'None', dnsConfig } }));
    }
    await kubectl('-n', NS, 'wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
    // Its container runs a moment before it listens, and every Pod of these is on a node of its own.
    for (const name of Object.keys(CONFS))
      await until(`it answers ${name}`, async () =>
        (await kubectl('-n', NS, 'exec', name, '--', 'sh', '-c', 'dig +tries=1 +time=1 ready. A; true')).includes(
          'NXDOMAIN',
        ),
      );
  });

  afterAll(() => unstage(NS));

  it.each(Object.keys(CONFS))('with the resolv.conf %s, for ten names', async (conf) => {
    const text = await kubectl('-n', NS, 'exec', conf, '--', 'cat', '/etc/resolv.conf');
    const resolvConf = readResolvConf({ exitCode: 0, text, tookMs: 0 });
    const computed = Object.fromEntries(NAMES.map((name) => [name, queriesFor(name, resolvConf)]));
    // CoreDNS logs a query after it has answered it: now and then the line of the next one comes first. Not at the same place again.
    let seen: Record<string, readonly string[] | undefined> = {};
    for (let times = 0; times < 3 && !isDeepStrictEqual(seen, computed); times++) seen = await askAll(conf, times);
    expect(seen).toEqual(computed);
  });
});

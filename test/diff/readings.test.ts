import { describe, expect, it } from 'vitest';
import { changedReadings } from '../../src/diff/readings.ts';
import type { ConnectReading } from '../../src/evidence/readings.ts';
import {
  ABSENT,
  API_PODS,
  API_VIP,
  answered,
  apiA,
  apiB,
  connect,
  connectService,
  dnsAnswer,
  NXDOMAIN,
  rejected,
  resolvConf,
  SILENT,
  world,
} from '../support/world.ts';

const took = (reading: ConnectReading, ms: number): ConnectReading => ({
  ...reading,
  outcome: { kind: 'connected', ms },
});
const named = (ms: number) => world({ nameLookup: { ...dnsAnswer(answered(API_VIP)), tookMs: ms } });
const NAME = 'api.shop.svc.cluster.local.';

describe('measurements of two runs', () => {
  it('that are the same have not changed', () => expect(changedReadings(world(), world())).toEqual([]));

  it('another answer for the name', () =>
    expect(changedReadings(world(), world({ nameLookup: dnsAnswer(NXDOMAIN) }))).toEqual([
      { what: NAME, change: 'outcome', before: 'NOERROR 10.96.114.140', after: 'NXDOMAIN' },
    ]));

  it('addresses of a name in another order are the same answer', () =>
    expect(
      changedReadings(
        world({ nameLookup: dnsAnswer(answered('10.0.0.1', '10.0.0.2')) }),
        world({ nameLookup: dnsAnswer(answered('10.0.0.2', '10.0.0.1')) }),
      ),
    ).toEqual([]));

  it('a backend that does not answer any more; who refuses is part of it', () => {
    const after = world({
      backendConnects: [connect(apiA), connect(apiB, SILENT), connect(API_PODS[2] ?? apiA, rejected('10.244.3.1'))],
    });
    expect(changedReadings(world(), after)).toEqual([
      {
        what: 'Pod api-b port 8080',
        change: 'outcome',
        before: 'connected in 0.9 ms, HTTP 200',
        after: 'no answer in 4 s',
      },
      {
        what: 'Pod api-c port 8080',
        change: 'outcome',
        before: 'connected in 0.9 ms, HTTP 200',
        after: 'refused by ICMP 3/3 from 10.244.3.1',
      },
    ]);
  });

  it('a Pod that has another address and answers is no change of a measurement', () => {
    const moved = { ...connect(apiB), address: '10.244.9.9' };
    expect(changedReadings(world(), world({ backendConnects: [connect(apiA), moved] }))).toEqual([]);
  });

  it('the Service address: whether all, some or none work, not how many', () => {
    const some = (good: number) =>
      world({ serviceConnects: Array.from({ length: 5 }, (_, n) => connectService(n < good ? {} : SILENT)) });
    expect(changedReadings(some(3), some(4))).toEqual([]);
    expect(changedReadings(some(5), some(3))).toEqual([
      {
        what: 'Service api at 10.96.114.140:80',
        change: 'outcome',
        before: '5 of 5 connections work',
        after: '3 of 5 connections work; else no answer in 4 s',
      },
    ]);
  });

  it.each([
    [4, 23, 'less than 20 ms'],
    [30, 59, 'less than twice'],
    [200, 110, 'less than half'],
  ])('a time from %d to %d ms is noise: %s', (before, after) =>
    expect(changedReadings(named(before), named(after))).toEqual([]),
  );

  it.each([
    [4, 24, '4 ms', '24 ms'],
    [30, 60, '30 ms', '60 ms'],
    [1200, 90, '1.2 s', '90 ms'],
  ])('a time from %d to %d ms is none', (before, after, old, now) =>
    expect(changedReadings(named(before), named(after))).toEqual([
      { what: NAME, change: 'time', before: old, after: now },
    ]),
  );

  it('of many connections the one in the middle counts', () => {
    const times = (...list: readonly number[]) =>
      world({ serviceConnects: list.map((ms) => took(connectService(), ms)) });
    expect(changedReadings(times(1, 2, 3), times(2, 1, 900))).toEqual([]);
    expect(changedReadings(times(1, 2, 3), times(2, 80, 90))).toEqual([
      { what: 'Service api at 10.96.114.140:80', change: 'time', before: '2 ms', after: '80 ms' },
    ]);
  });

  it("the Pod's resolv.conf", () =>
    expect(changedReadings(world(), world({ resolvConf: { ...resolvConf, nameservers: ['8.8.8.8'] } }))).toEqual([
      {
        what: '/etc/resolv.conf of the source',
        change: 'outcome',
        before: 'nameserver 10.96.0.10, search shop.svc.cluster.local svc.cluster.local cluster.local, ndots 5',
        after: 'nameserver 8.8.8.8, search shop.svc.cluster.local svc.cluster.local cluster.local, ndots 5',
      },
    ]));

  it('what was asked in one run only is not compared', () =>
    expect(changedReadings(world(), world({ backendConnects: [connect(apiA)], nameLookup: ABSENT }))).toEqual([]));
});

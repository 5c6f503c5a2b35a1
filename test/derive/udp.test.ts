import { describe, expect, it } from 'vitest';
import { measuredReach } from '../../src/derive/reach.ts';
import { sawUdp, udpArrived } from '../../src/derive/udp.ts';
import type { UdpReading } from '../../src/evidence/readings.ts';
import { ABSENT, counters, datagram, flow, udpWorld } from '../support/world.ts';

const SILENT = { kind: 'silent', afterMs: 1500 } as const;
const silent = udpWorld({ udpProbes: [datagram('Service', SILENT), datagram('api-a', SILENT)] });
const counted = (delivered: number) =>
  udpWorld({
    udpProbes: [datagram('Service', SILENT), datagram('api-a', SILENT)],
    udpBefore: [counters('api-a', 12)],
    udpAfter: [counters('api-a', 12 + delivered)],
  });
const [service, backend] = [datagram('Service', SILENT), datagram('api-a', SILENT)] as [UdpReading, UdpReading];
const udp = flow({ protocol: 'UDP' });

describe('a datagram', () => {
  it('arrived when it was answered, and did not when it was refused', () => {
    expect(udpArrived(datagram('api-a', { kind: 'answered', bytes: 1 }), silent)).toBe(true);
    expect(udpArrived(datagram('api-a', { kind: 'refused' }), silent)).toBe(false);
  });

  it('proves nothing by silence', () => expect(udpArrived(backend, silent)).toBeNull());

  it('arrived when the receiver counted it', () => {
    expect(udpArrived(backend, counted(6))).toBe(true);
    expect(udpArrived(service, counted(6))).toBe(true);
  });

  it('did not when the receiver counted nothing', () => expect(udpArrived(backend, counted(0))).toBe(false));

  it('is not told apart from another that the receiver got', () => {
    expect(udpArrived(backend, counted(2))).toBeNull();
    expect(udpArrived(service, counted(3))).toBeNull();
  });
});

describe('what the datagrams say of the way', () => {
  it.each([
    ['silence and no counters', silent, 'not-measured', 'not-measured'],
    ['counted at the receiver', counted(6), 'works', 'works'],
    ['lost before the receiver', counted(0), 'not-measured', 'fails'],
    [
      'refused everywhere',
      udpWorld({ udpProbes: [datagram('Service', { kind: 'refused' }), datagram('api-a', { kind: 'refused' })] }),
      'fails',
      'fails',
    ],
  ] as const)('%s', (_what, world, viaService, path) =>
    expect(measuredReach(world, udp)).toMatchObject({ service: viaService, path }),
  );

  it('is nothing where none was sent', () =>
    expect(measuredReach(udpWorld({ udpProbes: ABSENT }), udp).path).toBe('not-measured'));
});

it('says who refused', () => {
  const refusal = { kind: 'icmp', from: '10.244.1.11', ttl: 62, type: 3, code: 3 } as const;
  expect(sawUdp({ ...datagram('api-a', { kind: 'refused' }), refusal })).toBe('refused by ICMP 3/3 from 10.244.1.11');
});

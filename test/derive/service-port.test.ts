import { describe, expect, it } from 'vitest';
import { chooseServicePort, portName, portsOfOtherProtocol, protocolOf } from '../../src/derive/service-port.ts';
import type { ServicePort } from '../../src/evidence/snapshots.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import { service } from '../support/world.ts';

const http: ServicePort = { name: 'http', port: 80, targetPort: 8080 };
const https: ServicePort = { name: 'https', port: 443, targetPort: 8443, protocol: 'TCP' };
const dnsUdp: ServicePort = { name: 'dns', port: 53, protocol: 'UDP' };
const dnsTcp: ServicePort = { name: 'dns-tcp', port: 53, protocol: 'TCP' };

type Asked = Partial<Pick<Flow, 'port' | 'protocol' | 'scheme'>>;
const choose = (ports: readonly ServicePort[], asked: Asked) =>
  chooseServicePort(service({ ports }), { port: null, protocol: null, scheme: null, ...asked });

describe('the port of a Service', () => {
  it.each<[string, readonly ServicePort[], Asked, ServicePort, boolean]>([
    ['is its only one', [http], {}, http, false],
    ['is the first when nobody asked, which is an assumption', [http, https], {}, http, true],
    ['is the first TCP one when nobody asked', [dnsUdp, dnsTcp], {}, dnsTcp, true],
    ['is a UDP one when there is no other', [dnsUdp], {}, dnsUdp, false],
    ['is asked for by its number', [http, https], { port: 443 }, https, false],
    ['is asked for by its name', [http, https], { port: 'https' }, https, false],
    ['is asked for by a number that was typed as text', [http, https], { port: '443' }, https, false],
    ['follows https', [http, https], { scheme: 'https' }, https, false],
    ['follows the number before the scheme', [http, https], { scheme: 'https', port: 80 }, http, false],
    ['is TCP when both protocols have the number', [dnsUdp, dnsTcp], { port: 53 }, dnsTcp, false],
    ['is UDP when that is asked for', [dnsUdp, dnsTcp], { port: 53, protocol: 'UDP' }, dnsUdp, false],
  ])('%s', (_when, ports, asked, port, assumed) => {
    expect(choose(ports, asked)).toEqual({ kind: 'chosen', port, protocol: protocolOf(port), assumed });
  });

  it.each<[string, readonly ServicePort[], Asked, number | string]>([
    ['a number it does not publish', [http], { port: 8080 }, 8080],
    ['a name it does not publish', [http], { port: 'grpc' }, 'grpc'],
    ['the port of the scheme', [http], { scheme: 'https' }, 443],
    ['its number on another protocol', [dnsTcp], { port: 53, protocol: 'UDP' }, 53],
    ['a protocol it does not publish', [http], { protocol: 'SCTP' }, 'SCTP'],
  ])('is undefined for %s', (_when, ports, asked, wanted) => {
    expect(choose(ports, asked)).toEqual({ kind: 'undefined', asked: wanted, published: ports });
  });

  it.each<[string, readonly ServicePort[], Asked, ServicePort]>([
    ['the port whose Pods use the number', [https, http], { port: 8080 }, http],
    [
      'one whose number is not known here',
      [https, { name: 'web', port: 80, targetPort: 'http' }],
      { port: 9090 },
      { name: 'web', port: 80, targetPort: 'http' },
    ],
    ['the first, rather than none', [http], { port: 9090 }, http],
  ])('of a headless Service is %s, as nothing translates it', (_when, ports, asked, port) => {
    const headless = service({ ports, clusterIP: 'None' });
    expect(chooseServicePort(headless, { port: null, protocol: null, scheme: null, ...asked })).toMatchObject({
      kind: 'chosen',
      port,
    });
  });

  it('is TCP for a URL', () => expect(choose([dnsUdp], { scheme: 'http', port: 53 }).kind).toBe('undefined'));

  it('may differ by its protocol alone', () => {
    const ask = (asked: Asked) =>
      portsOfOtherProtocol(service({ ports: [dnsUdp, http] }), { port: null, protocol: null, scheme: null, ...asked });
    expect(ask({ port: 53, protocol: 'TCP' })).toEqual([dnsUdp]);
    expect(ask({ port: 'dns', protocol: 'TCP' })).toEqual([dnsUdp]);
    expect(ask({ port: 54, protocol: 'TCP' })).toEqual([]);
    expect(ask({ port: 53 })).toEqual([]);
    expect(ask({ protocol: 'SCTP' })).toEqual([dnsUdp, http]);
  });

  it('is none when the Service publishes none', () => expect(choose([], {})).toEqual({ kind: 'none' }));

  it('is written with its name', () => {
    expect([portName(http), portName({ port: 80 }), portName({ port: 80, name: '' })]).toEqual([
      'http (80)',
      '80',
      '80',
    ]);
  });
});

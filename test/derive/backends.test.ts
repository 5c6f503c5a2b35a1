import { describe, expect, it } from 'vitest';
import { backendsOf, isHeadless, serviceAddresses, targetPortOn, usedBackends } from '../../src/derive/backends.ts';
import type { PodSnapshot, ServicePort, SliceSnapshot } from '../../src/evidence/snapshots.ts';
import { apiA, apiB, apiPod, endpointOf, pod, service, slice } from '../support/world.ts';

const http: ServicePort = { port: 80, targetPort: 'http' };
const backends = (slices: readonly SliceSnapshot[], pods: readonly PodSnapshot[] = [apiA, apiB], port = http) =>
  backendsOf(slices, pods, port);
const used = (...slices: SliceSnapshot[]): readonly string[] =>
  usedBackends(backends(slices)).map(({ address }) => address);

describe('the backends of a Service port', () => {
  it('are the endpoints of its slices, with their Pods', () => {
    expect(backends([slice([apiA])])).toEqual([
      {
        address: '10.244.1.11',
        port: 8080,
        ready: true,
        serving: true,
        terminating: false,
        node: 'n1',
        slice: 'api-x7k2p',
        podName: 'api-a',
        podUid: 'uid-api-a',
        forZones: null,
        forNodes: null,
        pod: apiA,
      },
    ]);
  });

  it('without conditions are ready and serving', () => {
    expect(backends([slice([{ addresses: ['10.0.0.9'] }])])[0]).toMatchObject({
      ready: true,
      serving: true,
      terminating: false,
      podName: null,
      pod: null,
    });
  });

  it('serve as they are ready when nothing is said about serving', () => {
    const unready = slice([{ addresses: ['10.0.0.9'], conditions: { ready: false } }]);
    expect(backends([unready])[0]).toMatchObject({ ready: false, serving: false });
  });

  it('have no port when their slice gives it no number', () => {
    expect(backends([slice([apiA], { ports: [] })])[0]?.port).toBeNull();
    expect(backends([slice([apiA], { ports: [{ name: 'other', port: 9090 }] })])[0]?.port).toBeNull();
    expect(backends([slice([apiA], { ports: [{ name: '', port: 8080, protocol: 'UDP' }] })])[0]?.port).toBeNull();
  });

  it('of one address in two slices are one: the ready one with a port', () => {
    const old = slice([endpointOf(apiA, { ready: false })], { name: 'old' });
    const portless = slice([apiA], { name: 'portless', ports: [] });
    const good = slice([apiA], { name: 'good' });
    expect(backends([old, good]).map((backend) => backend.slice)).toEqual(['good']);
    expect(backends([portless, good]).map((backend) => backend.slice)).toEqual(['good']);
    expect(backends([good, old]).map((backend) => backend.slice)).toEqual(['good']);
  });

  it('of one address with two ports are two', () => {
    const other = slice([apiA], { name: 'other', ports: [{ name: '', port: 9090 }] });
    expect(backends([slice([apiA]), other]).map(({ port }) => port)).toEqual([8080, 9090]);
  });

  it('are for the zones and nodes of their hints', () => {
    const hinted = { ...endpointOf(apiA), hints: { forZones: [{ name: 'east' }], forNodes: [{ name: 'n1' }] } };
    expect(backends([slice([hinted])])[0]).toMatchObject({ forZones: ['east'], forNodes: ['n1'] });
  });

  it('belong to a Pod by its uid, not by its name', () => {
    const renewed = apiPod('a', { uid: 'uid-api-a-2' });
    expect(backends([slice([apiA])], [renewed])[0]).toMatchObject({ podName: 'api-a', pod: null });
  });
});

describe('the backends in use', () => {
  it('are the ready ones', () => {
    expect(used(slice([apiA, endpointOf(apiB, { ready: false, serving: false })]))).toEqual(['10.244.1.11']);
  });

  it('are those that serve while they terminate, when none is ready', () => {
    const draining = endpointOf(apiB, { ready: false, serving: true, terminating: true });
    expect(used(slice([draining]))).toEqual(['10.244.2.11']);
    expect(used(slice([apiA, draining]))).toEqual(['10.244.1.11']);
  });

  it('are none when those that terminate serve no more', () => {
    expect(used(slice([endpointOf(apiB, { ready: false, serving: false, terminating: true })]))).toEqual([]);
  });

  it('all have a port', () => expect(used(slice([apiA], { ports: [] }), slice([apiB]))).toEqual(['10.244.2.11']));
});

describe('the port a Pod is meant to listen on', () => {
  it.each<[string, ServicePort, number | null]>([
    ['the number', { port: 80, targetPort: 9090 }, 9090],
    ['the port itself when no targetPort is given', { port: 80 }, 80],
    ['the container port of that name', http, 8080],
    ['none when the name is missing', { port: 80, targetPort: 'web' }, null],
    ['none when the name has another protocol', { port: 80, targetPort: 'http', protocol: 'UDP' }, null],
  ])('is %s', (_when, port, expected) => expect(targetPortOn(apiA, port)).toBe(expected));

  it('may be declared by a sidecar, and not by an init container that ends', () => {
    const init = (restartPolicy?: string) =>
      pod({
        name: 'x',
        spec: {
          initContainers: [
            { name: 'i', ports: [{ name: 'http', containerPort: 8080 }], ...(restartPolicy ? { restartPolicy } : {}) },
          ],
        },
      });
    expect(targetPortOn(init('Always'), http)).toBe(8080);
    expect(targetPortOn(init(), http)).toBeNull();
  });
});

describe('the address of a Service', () => {
  it('is its ClusterIP, or both of a dual-stack Service', () => {
    expect(serviceAddresses(service())).toEqual(['10.96.114.140']);
    expect(serviceAddresses(service({ spec: { clusterIPs: ['10.96.0.7', 'fd00::7'] } }))).toEqual([
      '10.96.0.7',
      'fd00::7',
    ]);
  });

  it('is none when it is headless or has none yet', () => {
    const headless = service({ clusterIP: 'None' });
    expect(isHeadless(headless)).toBe(true);
    expect(serviceAddresses(headless)).toEqual([]);
    expect(serviceAddresses({ ...headless, spec: { clusterIP: '' } })).toEqual([]);
  });
});

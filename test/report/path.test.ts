import { describe, expect, it } from 'vitest';
import { hopsOf, pathOf } from '../../src/report/path.ts';
import { type RunOptions, runOf } from '../support/run.ts';
import {
  API_PODS,
  apiB,
  apiPod,
  endpointsOf,
  flow,
  found,
  NOT_FOUND,
  pod,
  policy,
  service,
  slice,
  world,
} from '../support/world.ts';

const path = (options: RunOptions = {}) => {
  const { report, climb } = runOf(options);
  return pathOf(report, climb);
};
/** `api-c ✘`: a place and what became of it. */
const states = (options: RunOptions = {}) => hopsOf(path(options)).map(({ name, state }) => [name, state]);

describe('the path of a request', () => {
  it('goes from the source over DNS and the Service to each backend, those on the same node first', () => {
    expect(path()).toEqual({
      source: {
        kind: 'source',
        name: 'Pod web',
        detail: '10.244.2.10',
        state: 'ok',
        saw: 'measured from its network, in container netdebug',
        findings: [],
      },
      node: 'n2',
      dns: {
        kind: 'dns',
        name: 'Cluster DNS',
        detail: '10.96.0.10',
        state: 'ok',
        saw: 'api.shop.svc.cluster.local. is 10.96.114.140 (1 ms)',
        findings: [],
      },
      service: {
        kind: 'service',
        name: 'Service api',
        detail: '10.96.114.140:80',
        state: 'ok',
        saw: '5 of 5 tries work: connected in 0.9 ms, HTTP 200',
        findings: [],
      },
      groups: [
        ['n2', 'api-b', '10.244.2.11:8080'],
        ['n1', 'api-a', '10.244.1.11:8080'],
        ['n3', 'api-c', '10.244.3.11:8080'],
      ].map(([node, name, detail]) => ({
        node,
        backends: [{ kind: 'backend', name, detail, state: 'ok', saw: 'connected in 0.9 ms, HTTP 200', findings: [] }],
      })),
      more: 0,
    });
  });

  it('breaks where packets are dropped, and says at which finding to look', () => {
    const policies = [policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] })];
    const broken = path({ evidence: world({ policies }), network: (_, port) => (port === 8080 ? 'lost' : 'answered') });
    expect(hopsOf(broken).map(({ name, state, findings }) => [name, state, findings])).toEqual([
      ['Pod web', 'ok', []],
      ['Cluster DNS', 'ok', []],
      ['Service api', 'ok', []],
      ['api-b', 'faulty', [1]],
      ['api-a', 'faulty', [1]],
      ['api-c', 'faulty', [1]],
    ]);
    expect(broken.groups[0]?.backends[0]?.saw).toBe('no answer in 4 s');
  });

  it('calls nothing broken that is still being tried, and says where a policy alone foretells it', () => {
    const policies = [policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] })];
    const { report, climb } = runOf({ evidence: world({ policies }), access: 'api' });
    const last = (shown: typeof climb) => hopsOf(pathOf(report, shown)).at(-1);
    expect(last(climb)).toMatchObject({ name: 'api-c', state: 'faulty', findings: [1] });
    const { backendConnects: _, ...evidence } = climb.evidence;
    expect(last({ ...climb, evidence })).toMatchObject({ name: 'api-c', state: 'unknown', findings: [] });
    const { endpoints: __, ...early } = evidence;
    expect(last({ ...climb, evidence: early })).toMatchObject({ name: 'Backends', state: 'unknown' });
  });

  it('breaks at the source for a policy of its own', () => {
    const policies = [policy('no-way-out', { podSelector: {}, policyTypes: ['Egress'] })];
    expect(path({ evidence: world({ policies }), network: () => 'lost' }).source).toMatchObject({
      state: 'faulty',
      findings: [1],
    });
  });

  it('breaks at a Service that selects nothing', () => {
    const evidence = world({
      service: found(service({ selector: { app: 'apy' } })),
      endpoints: { slices: [slice([])], selected: [], stray: [] },
    });
    const broken = path({ evidence, network: (address) => (address === '10.96.114.140' ? 'refused' : 'answered') });
    expect(broken.service).toMatchObject({
      state: 'faulty',
      saw: '0 of 5 tries work: connection refused',
      findings: [1],
    });
    expect(broken.groups).toEqual([
      {
        node: null,
        backends: [
          {
            kind: 'backend',
            name: 'No backend',
            detail: null,
            state: 'faulty',
            saw: 'there is nobody to send a request to',
            findings: [],
          },
        ],
      },
    ]);
  });

  it('shows a backend that nothing is sent to', () => {
    const pods = [...API_PODS.slice(0, 2), apiPod('c', { ready: false })];
    expect(hopsOf(path({ evidence: world({ endpoints: endpointsOf(pods) }) })).at(-1)).toMatchObject({
      name: 'api-c',
      state: 'not-applicable',
      saw: 'is not ready: nothing is sent to it',
    });
  });

  it('knows what was only read and not tried', () => {
    expect(states({ access: 'api' })).toEqual([
      ['Pod web', 'unknown'],
      ['Cluster DNS', 'unknown'],
      ['Service api', 'unknown'],
      ['api-b', 'unknown'],
      ['api-a', 'unknown'],
      ['api-c', 'unknown'],
    ]);
    expect(path({ access: 'api' }).source.saw).toBe('not measured from: nothing was run in it');
  });

  it('has no Service and no DNS on the way to a Pod', () => {
    const direct = path({
      evidence: world({ destinationPod: found(apiB) }),
      flow: flow({ destination: { kind: 'Pod', namespace: 'shop', name: 'api-b' }, dnsName: null }),
    });
    expect([direct.dns, direct.service]).toEqual([null, null]);
    expect(hopsOf(direct).map(({ name }) => name)).toEqual(['Pod web', 'api-b']);
  });

  it('says that a Service does not exist', () => {
    const gone = path({ evidence: world({ service: found(service()), endpoints: endpointsOf([]) }), access: 'api' });
    expect(gone.service?.saw).toBe('its address was not tried');
    const evidence = world({ service: NOT_FOUND, otherServices: [] });
    expect(path({ evidence, access: 'api' }).service).toMatchObject({ state: 'faulty', saw: 'does not exist' });
  });

  it('shows 32 backends and counts the rest', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      pod({ name: `api-${index}`, node: `n${(index % 4) + 1}`, ip: `10.244.9.${index}`, labels: { app: 'api' } }),
    );
    const big = path({ evidence: world({ endpoints: endpointsOf(many) }) });
    expect(big.groups.flatMap(({ backends }) => backends)).toHaveLength(32);
    expect(big.groups.map(({ node }) => node)[0]).toBe('n2');
    expect(big.more).toBe(8);
  });
});

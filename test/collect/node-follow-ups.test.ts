import { describe, expect, it } from 'vitest';
import { PROBE_PLANS } from '../../src/collect/probes.ts';
import type { ProbeKind } from '../../src/evidence/evidence.ts';
import type { Flow } from '../../src/ladder/flow.ts';
import { commandOf } from '../../src/probes/probe.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiC,
  type Changes,
  connect,
  connectAddress,
  connectService,
  flow,
  found,
  nodeState,
  REFUSED,
  SILENT,
  service,
  world,
} from '../support/world.ts';

const OUT = '198.51.100.10';
const farIsLost: Changes = {
  serviceConnects: [connectService(), connectService(SILENT)],
  backendConnects: [connect(apiA), connect(apiB, REFUSED), connect(apiC, SILENT)],
};

function planned(kind: ProbeKind, changes: Changes, to: Flow = flow()) {
  return PROBE_PLANS[kind].plan(world(changes), to);
}

describe('between two looks at the nodes', () => {
  it('what was lost is tried once more, a second each', () => {
    const specs = planned('lostAgain', { ...farIsLost, nodeStates: [nodeState('n2')] });
    expect(specs).toMatchObject([
      { tool: 'tcp', address: '10.96.114.140', port: 80, limitS: 1, at: { vantage: 'source', pod: 'web' } },
      { tool: 'tcp', address: '10.244.3.11', port: 8080, limitS: 1, at: { vantage: 'source', pod: 'web' } },
    ]);
  });

  it('nothing is tried when no node was looked at', () => expect(planned('lostAgain', farIsLost)).toEqual([]));

  it('the same nodes are looked at again, under names of their own', () => {
    const lostAgain = [connect(apiC, SILENT)];
    const [first, after] = [planned('nodeStates', farIsLost), planned('nodeStatesAfter', { ...farIsLost, lostAgain })];
    expect(after.map((spec) => spec.at.node)).toEqual(['n2', 'n3']);
    expect(after.map(({ id }) => id)).toEqual(first.map(({ id }) => `${id}-after`));
    expect(planned('nodeStatesAfter', farIsLost)).toEqual([]);
  });
});

describe('from the node itself', () => {
  const outside = flow({ destination: { kind: 'Address', address: OUT }, byAddress: true, port: 443 });

  it('an address outside is tried that the Pod did not reach', () => {
    const specs = planned('fromNode', { backendConnects: [connectAddress(OUT, 443, SILENT)] }, outside);
    expect(specs).toMatchObject([{ tool: 'tcp', address: OUT, port: 443, at: { vantage: 'node', node: 'n2' } }]);
    expect(specs.map((spec) => commandOf(spec, 'netdebug'))).toEqual([
      `kubectl debug node/n2 -it --profile=netadmin --image=nicolaka/netshoot:v0.16 -- nc -zv -w 2 ${OUT} 443`,
    ]);
  });

  it('no Pod is tried: policies let the node through', () => expect(planned('fromNode', farIsLost)).toEqual([]));
});

describe('nodes are looked at', () => {
  it('with the addresses whose connections are to be found', () =>
    expect(planned('nodeStates', farIsLost)[0]).toMatchObject({
      from: '10.244.2.10',
      serviceAddress: '10.96.114.140',
      routesTo: ['10.244.1.11', '10.244.2.11', '10.244.3.11', '10.244.2.10'],
    }));

  it('for a Service with UDP, of which the Pod cannot see where it goes', () => {
    const ports = [{ name: 'statsd', port: 8125, protocol: 'UDP' }];
    const specs = planned('nodeStates', {
      service: found(service({ ports })),
      serviceConnects: [],
      backendConnects: [],
    });
    expect(specs.map(({ at }) => at.node)).toEqual(['n2']);
  });

  it('not where everything answers', () =>
    expect(planned('nodeStates', { backendConnects: API_PODS.map((api) => connect(api)) })).toEqual([]));
});

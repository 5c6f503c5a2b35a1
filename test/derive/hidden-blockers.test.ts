import { describe, expect, it } from 'vitest';
import { hiddenBlockers } from '../../src/derive/hidden-blockers.ts';
import {
  API_PODS,
  apiPod,
  type Changes,
  CONNECTED,
  connect,
  endpointsOf,
  missing,
  pod,
  SILENT,
  WEB_TO_API,
  world,
} from '../support/world.ts';

const candidates = (changes: Changes) =>
  hiddenBlockers(world(changes), WEB_TO_API).map(({ who, because }) => `${who}: ${because}`);
const [apiA, apiB, apiC] = API_PODS as [never, never, never];
const lost = { backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] };
const answering = { controlConnects: [connect(pod({ name: 'ping', node: 'n3', ip: '10.244.3.30' }), CONNECTED)] };

describe('who may drop packets that nothing explains', () => {
  it('is nobody while none is lost', () => expect(candidates({})).toEqual([]));

  it('may be the node, where nothing there answers', () =>
    expect(hiddenBlockers(world({ backendConnects: [connect(apiC, SILENT)], dnsServers: [] }), WEB_TO_API)).toEqual([
      { who: 'a firewall of the node', because: 'no Pod of n3 is known to answer; access node looks' },
    ]));

  it('may be the policy engine, where another Pod of that node answers', () =>
    expect(candidates({ ...lost, ...answering })).toEqual([
      'the policy engine: another Pod of the same node answers, so the way there works; Calico may hold rules of its own',
    ]));

  it('may be policies that could not be read, named with the words of the refusal', () =>
    expect(
      candidates({ ...lost, ...answering, vendorPolicies: missing('forbidden', 'globalnetworkpolicies is forbidden') }),
    ).toContain('policies that could not be read: globalnetworkpolicies is forbidden'));

  it('may be a mesh, where the Pod has a proxy', () => {
    const meshed = apiPod('c', { spec: { containers: [{ name: 'app' }, { name: 'istio-proxy' }] } });
    expect(candidates({ ...lost, ...answering, endpoints: endpointsOf([apiA, apiB, meshed]) })).toContain(
      'a service mesh: api-c has a proxy of Istio, which may ask for who is there',
    );
  });
});

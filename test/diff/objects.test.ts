import { describe, expect, it } from 'vitest';
import { changedObjects } from '../../src/diff/objects.ts';
import {
  ABSENT,
  API_PODS,
  apiA,
  apiB,
  apiPod,
  daemonSet,
  endpointsOf,
  found,
  missing,
  namespace,
  node,
  pod,
  policy,
  service,
  workload,
  world,
} from '../support/world.ts';

const shortly = (before = world(), after = world()) =>
  changedObjects(before, after).map(({ change, object, onPath, fields }) => [
    change,
    `${object.kind} ${object.name}`,
    onPath,
    ...fields.map((field) => `${field.path}: ${field.before} to ${field.after}`),
  ]);

describe('objects of two runs', () => {
  it('that are the same have not changed', () => expect(shortly()).toEqual([]));

  it('a Service that selects something else', () =>
    expect(shortly(world(), world({ service: found(service({ selector: { app: 'apy' } })) }))).toEqual([
      ['changed', 'Service api', true, 'spec.selector.app: api to apy'],
    ]));

  it('a backend that is gone, with the slice that named it', () =>
    expect(shortly(world(), world({ endpoints: endpointsOf([apiA, apiB]) }))).toEqual([
      ['removed', 'Pod api-c', true],
      [
        'changed',
        'EndpointSlice api-x7k2p',
        true,
        'endpoints[10.244.3.11].addresses: 10.244.3.11 to null',
        'endpoints[10.244.3.11].conditions.ready: true to null',
        'endpoints[10.244.3.11].conditions.serving: true to null',
        'endpoints[10.244.3.11].conditions.terminating: false to null',
        'endpoints[10.244.3.11].nodeName: n3 to null',
        'endpoints[10.244.3.11].targetRef.kind: Pod to null',
        'endpoints[10.244.3.11].targetRef.name: api-c to null',
        'endpoints[10.244.3.11].targetRef.namespace: shop to null',
      ],
    ]));

  it('a backend that is not Ready any more', () => {
    const sick = apiPod('c', { ready: false });
    const changes = shortly(world(), world({ endpoints: endpointsOf([apiA, apiB, sick]) }));
    expect(changes.map(([, object]) => object)).toEqual(['Pod api-c', 'EndpointSlice api-x7k2p']);
    expect(changes[0]).toContain('status.conditions[Ready].status: True to False');
  });

  it('another Pod of the workload that the source was picked from is still the source', () => {
    const other = pod({ name: 'web-2', node: 'n2', ip: '10.244.2.10', uid: 'uid-web', labels: { app: 'web' } });
    expect(shortly(world(), world({ sourcePod: found(other) }))).toEqual([
      ['changed', 'Pod web-2', true, 'metadata.name: web to web-2'],
    ]);
  });

  it('policies: on the path when they are about a Pod on it, beside it otherwise', () => {
    const about = (app: string) => ({ podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'] });
    const policies = [
      policy('of-others', about('other')),
      policy('of-api', about('api')),
      policy('dns', {}, 'kube-system'),
    ];
    expect(shortly(world(), world({ policies }))).toEqual([
      ['added', 'NetworkPolicy of-api', true],
      ['added', 'NetworkPolicy dns', true],
      ['added', 'NetworkPolicy of-others', false],
    ]);
  });

  it('workloads: on the path when their Pods are behind the Service', () =>
    expect(
      shortly(
        world({
          workloads: [workload({ name: 'api', labels: { app: 'api' } }), workload({ name: 'x', labels: { app: 'x' } })],
        }),
        world({
          workloads: [
            workload({ name: 'x', labels: { app: 'x' }, replicas: 1 }),
            workload({ name: 'api', labels: { app: 'api' }, replicas: 0, ready: 0 }),
          ],
        }),
      ),
    ).toEqual([
      [
        'changed',
        'Deployment api',
        true,
        'spec.replicas: 3 to 0',
        'status.replicas: 3 to 0',
        'status.readyReplicas: 3 to 0',
      ],
      [
        'changed',
        'Deployment x',
        false,
        'spec.replicas: 3 to 1',
        'status.replicas: 3 to 1',
        'status.readyReplicas: 3 to 1',
      ],
    ]));

  it("CoreDNS's configuration, line by line", () => {
    const corefile = found('.:53 {\n    kubernetes cluster.local in-addr.arpa ip6.arpa\n    forward . 8.8.8.8\n}\n');
    expect(shortly(world(), world({ corefile }))).toEqual([
      [
        'changed',
        'ConfigMap coredns',
        true,
        'Corefile.forward . /etc/resolv.conf: there to null',
        'Corefile.forward . 8.8.8.8: null to there',
      ],
    ]);
  });

  it('a policy of the administrator lies on the path', () => {
    const admin = (...names: readonly string[]) =>
      world({
        adminPolicies: names.map((name) => ({
          apiVersion: 'policy.networking.k8s.io/v1alpha2',
          kind: 'ClusterNetworkPolicy',
          metadata: { name },
        })),
      });
    expect(shortly(admin('old'), admin('old', 'new'))).toEqual([['added', 'ClusterNetworkPolicy new', true]]);
  });

  it('what only one of the runs could read is not compared', () =>
    expect(
      shortly(world({ policies: [policy('a', {})] }), world({ policies: missing('forbidden'), daemonSets: ABSENT })),
    ).toEqual([]));

  it('a namespace or a node that only one of the runs needed is no change', () =>
    expect(shortly(world(), world({ namespaces: [namespace('shop')], nodes: [node('n1'), node('n4')] }))).toEqual([]));

  it('a newer Lease is no change, a node that is not Ready is one; DaemonSets lie beside the path', () =>
    expect(
      shortly(
        world(),
        world({
          nodes: [node('n1', { renewed: 9 }), node('n2', { ready: 'False' }), node('n3')],
          daemonSets: [daemonSet('kube-proxy')],
          endpoints: endpointsOf(API_PODS),
        }),
      ),
    ).toEqual([
      ['changed', 'Node n2', true, 'status.conditions[Ready].status: True to False'],
      ['removed', 'DaemonSet calico-node', false],
    ]));
});

import { expect, it } from 'vitest';
import { proxyReplacement } from '../../src/derive/data-plane.ts';
import { daemonSet, nodeState } from '../support/world.ts';

const seen = (names: readonly string[], marks: readonly string[] = []) =>
  proxyReplacement(names.map(daemonSet), nodeState('n2', { marks }));

it.each([
  [['kube-proxy', 'calico-node'], [], null],
  [['kube-proxy', 'kube-flannel-ds'], [], null],
  [['kube-proxy', 'calico-node'], ['bpfin.cali', 'bpfout.cali'], 'Calico with eBPF'],
  [['cilium'], [], 'Cilium'],
  [['kube-proxy', 'agent-of-the-vendor'], ['cilium_host'], 'Cilium'],
  [['antrea-agent'], [], 'Antrea'],
  [['ovnkube-node-dpu'], [], 'OVN-Kubernetes'],
  // Its own device says that kube-proxy is in IPVS mode.
  [['kube-proxy'], ['kube-ipvs0'], null],
])('DaemonSets %j, devices %j: %j', (names, marks, product) => expect(seen(names, marks)).toBe(product));

it('without DaemonSets and nodes says nothing', () => expect(proxyReplacement(null, null)).toBeNull());

/** What only a node can tell: with less access the answer says so, instead of guessing. */
import { expect, it } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import { RULES } from '../../src/rules/index.ts';
import {
  ABSENT,
  apiA,
  apiB,
  apiC,
  type Changes,
  connect,
  connectAddress,
  connectService,
  flow,
  missing,
  NOW,
  SILENT,
  world,
} from '../support/world.ts';

const noNode = missing('not-permitted', 'nothing was run on a node', '--access node');
const fromSource = { nodeStates: noNode, fromNode: noNode, nodeStatesAfter: noNode };

const vipIsLost: Changes = { serviceConnects: [connectService(SILENT), connectService(SILENT)] };
const outside = flow({ destination: { kind: 'Address', address: '198.51.100.10' }, byAddress: true, port: 443 });
const outsideIsLost: Changes = {
  service: ABSENT,
  endpoints: ABSENT,
  serviceConnects: ABSENT,
  backendConnects: [connectAddress('198.51.100.10', 443, SILENT)],
};

it.each([
  ['kube-proxy-stale', vipIsLost, flow()],
  ['kube-proxy-mode-conflict', vipIsLost, flow()],
  ['conntrack-full', vipIsLost, flow()],
  ['masquerade-wrong', outsideIsLost, outside],
  ['snat-port-collision', outsideIsLost, outside],
  ['forward-drop', { backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] }, flow()],
  ['rp-filter-strict', { backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] }, flow()],
  ['vxlan-vtep-stale', { backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] }, flow()],
] as const)('%s is possible and needs access node', (id, changes, asked) => {
  const evidence = world({ ...changes, ...fromSource });
  const { verdict, findings } = diagnose(evidence, RULES, { flow: asked, access: 'source', now: NOW, settled: true });
  expect(verdict).toBe('fault');
  expect(findings[0]).toMatchObject({ id: 'unexplained', confidence: 'possible' });
  expect(findings[0]?.notRuledOut).toContainEqual({ id, needs: '--access node' });
});

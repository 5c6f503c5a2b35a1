import { describe, expect, it } from 'vitest';
import { agoText, historyOf } from '../../src/report/history.ts';
import type { Climb } from '../../src/session/session.ts';
import { NOW, node, secondsAgo, world } from '../support/world.ts';

const service = { kind: 'Service', namespace: 'shop', name: 'api' };
const deployment = { kind: 'Deployment', namespace: 'shop', name: 'api' };
const n3 = node('n3');
const changed = world({
  changes: [
    { object: service, at: secondsAgo(86_400), operation: 'Apply', manager: 'argocd', fields: ['ports', 'selector'] },
    { object: service, at: secondsAgo(90), operation: 'Update', manager: 'kubectl-patch', fields: ['selector'] },
    { object: deployment, at: secondsAgo(600), operation: 'Rollout', fields: ['template'] },
    { object: { ...service, namespace: 'other' }, at: secondsAgo(1), operation: 'Update', fields: ['ports'] },
  ],
  events: [
    {
      type: 'Warning',
      reason: 'FailedCreate',
      message: 'exceeded quota\nmore',
      lastTimestamp: secondsAgo(30),
      involvedObject: deployment,
    },
  ],
  nodes: [
    {
      ...n3,
      status: {
        ...n3.status,
        conditions: [
          { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', lastTransitionTime: secondsAgo(45) },
        ],
      },
    },
  ],
});
const climb = { evidence: changed, cluster: { serverTimeMs: NOW } } as Climb;
const told = (subject: typeof service | { kind: string; name: string }) =>
  historyOf(subject, climb).map(({ secondsBefore, what }) => `${secondsBefore} ${what}`);

describe('the history of an object', () => {
  it('is who wrote it, newest first', () =>
    expect(told(service)).toEqual(['90 kubectl-patch wrote selector', '86400 argocd applied ports, selector']));
  it('has its revisions and warnings', () =>
    expect(told(deployment)).toEqual(['30 FailedCreate: exceeded quota', '600 rolled out a new template']));
  it('is when a node became ready or not', () =>
    expect(told({ kind: 'Node', name: 'n3' })).toEqual(['45 Ready became Unknown (NodeStatusUnknown)']));
  it('is nothing for what was not read', () => expect(told({ kind: 'Pod', name: 'web' })).toEqual([]));
  it('is at most five lines', () => {
    const changes = [1, 2, 3, 4, 5, 6, 7].map((seconds) => ({
      object: service,
      at: secondsAgo(seconds),
      operation: 'Update',
      fields: ['ports'],
    }));
    const many = { evidence: world({ changes }), cluster: { serverTimeMs: NOW } } as Climb;
    expect(historyOf(service, many).map(({ secondsBefore }) => secondsBefore)).toEqual([1, 2, 3, 4, 5]);
  });
});

it('tells how long ago in a unit that fits', () =>
  expect([4, 119, 720, 10_800, 777_600].map(agoText)).toEqual([
    '4 s ago',
    '119 s ago',
    '12 min ago',
    '3 h ago',
    '9 d ago',
  ]));

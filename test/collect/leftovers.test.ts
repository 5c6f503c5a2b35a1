import { describe, expect, it } from 'vitest';
import { leftoversOf, readLeftovers } from '../../src/collect/leftovers.ts';
import { LAST_USE } from '../../src/probes/script.ts';
import { pod } from '../support/world.ts';
import { FakeKube, forbidden, listOf, readingOf } from './fake-kube.ts';

const label = { 'app.kubernetes.io/managed-by': 'kubectl-netdebug' };
const onNode = pod({ name: 'netdebug-n1-x', labels: label, status: { phase: 'Failed' } });
const ours = { name: 'netdebug', image: 'netshoot', command: ['sh', '-c', `: > ${LAST_USE}`] };
const debugged = (name: string, container: object, state: object) =>
  pod({
    name,
    spec: { nodeName: 'n2', ephemeralContainers: [container] },
    status: { phase: 'Running', ephemeralContainerStatuses: [{ name: 'netdebug', state }] },
  } as never);
const running = { running: { startedAt: '2026-11-21T03:00:00Z' } };

describe('leftovers', () => {
  it('are Pods with our label, and our debug containers as long as they run', () => {
    const pods = [
      onNode,
      pod({ name: 'web' }),
      debugged('api', ours, running),
      debugged('ended', ours, { terminated: { exitCode: 0 } }),
      debugged('of-somebody-else', { ...ours, command: ['sleep', '1'] }, running),
    ];
    expect(leftoversOf(pods)).toMatchObject([
      { kind: 'Pod', namespace: 'shop', name: 'netdebug-n1-x', isRunning: false },
      {
        kind: 'EphemeralContainer',
        namespace: 'shop',
        pod: 'api',
        name: 'netdebug',
        node: 'n2',
        isRunning: true,
        since: '2026-11-21T03:00:00Z',
      },
    ]);
  });

  it('are looked for everywhere or in one namespace; a refusal is a gap', async () => {
    const api = new FakeKube({ '/api/v1/pods': forbidden('pods'), '/api/v1/namespaces/shop/pods': listOf(onNode) });
    expect(await readLeftovers(readingOf(api), null)).toMatchObject({
      status: 'missing',
      gap: { reason: 'forbidden' },
    });
    expect(await readLeftovers(readingOf(api), 'shop')).toMatchObject({ value: [{ name: 'netdebug-n1-x' }] });
  });
});

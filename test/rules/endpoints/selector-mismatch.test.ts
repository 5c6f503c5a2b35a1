import { expect, it } from 'vitest';
import rule from '../../../src/rules/endpoints/selector-mismatch.ts';
import { judge, ruleCases } from '../../support/rule-cases.ts';
import {
  ABSENT,
  API_PODS,
  apiOnly,
  apiPod,
  connectService,
  endpointsOf,
  found,
  missing,
  NOT_FOUND,
  rejected,
  service,
  slice,
  workload,
  world,
} from '../../support/world.ts';

const refusing = [connectService(rejected('10.244.2.1'))];
const selecting = (labels: Readonly<Record<string, string>>) => ({
  service: found(service({ selector: labels })),
  endpoints: endpointsOf([]),
  serviceConnects: refusing,
  backendConnects: [],
});

ruleCases(rule, {
  fires: [
    {
      when: 'the selector has a typo',
      world: world(selecting({ app: 'apii' })),
      says: 'Service api selects app=apii, and no Pod in shop has these labels; Deployment api has app=api (3 ready).',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['spec.selector: app=apii', 'No resources found', 'Deployment api: template labels app=api'],
      run: [`kubectl -n shop patch service api -p '{"spec":{"selector":{"app":"api"}}}'`],
    },
    {
      when: 'workloads may not be read: it may as well have none',
      world: world({ ...selecting({ app: 'apii' }), workloads: missing('forbidden') }),
      says: 'Service api selects app=apii, and no Pod in shop has these labels; which workloads make Pods there may not be read.',
      subject: 'Service shop/api',
      confidence: 'possible',
      blocks: 'service',
      saw: ['No resources found'],
      run: ['kubectl -n shop get pods --show-labels'],
    },
    {
      when: 'the selector has a key too many, and no probe ran',
      world: apiOnly(selecting({ app: 'api', tier: 'back' })),
      says: 'Service api selects app=api,tier=back, and no Pod in shop has these labels; Deployment api has app=api (3 ready).',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: [`kubectl -n shop patch service api -p '{"spec":{"selector":{"tier":null}}}'`],
    },
    {
      when: 'nothing comes near',
      world: world({
        ...selecting({ app: 'payments' }),
        workloads: [workload({ name: 'cron', labels: { job: 'nightly' } })],
      }),
      says: 'Service api selects app=payments, and no Pod in shop has these labels.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      run: ['kubectl -n shop get pods --show-labels'],
    },
    {
      when: 'only the Pods of a finished Job have the labels: they never become endpoints',
      world: world({
        ...selecting({ app: 'apii' }),
        endpoints: endpointsOf([apiPod('a', { name: 'migrate-x1', status: { phase: 'Succeeded' } })]),
        workloads: [workload({ kind: 'Job', name: 'migrate', labels: { app: 'apii' } })],
      }),
      says: 'Service api selects app=apii, and no running Pod in shop has these labels.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'service',
      saw: ['only finished Pods: migrate-x1'],
    },
  ],
  silent: [
    { when: 'three Pods match', world: world(), outcome: 'clear', because: '3 Pods match app=api' },
    {
      when: 'the Pods match and are not Ready: that is readiness-failing',
      world: world({ endpoints: endpointsOf(API_PODS.map((pod) => ({ ...pod, status: { phase: 'Running' } }))) }),
      outcome: 'clear',
    },
    {
      when: 'a template matches and is scaled to 0: that is backend-scaled-to-zero',
      world: world({
        ...selecting({ app: 'api' }),
        workloads: [workload({ name: 'api', replicas: 0, labels: { app: 'api' } })],
      }),
      outcome: 'clear',
      because: 'the template of api matches app=api',
    },
    {
      when: 'the only Pod that matches has failed: that is backend-not-running',
      world: world({
        ...selecting({ app: 'api' }),
        endpoints: endpointsOf([apiPod('a', { status: { phase: 'Failed', reason: 'Evicted' } })]),
        workloads: [],
      }),
      outcome: 'clear',
    },
    {
      when: 'the Service has no selector: its endpoints are written by hand',
      world: world({
        service: found(service({ selector: null })),
        endpoints: { slices: [slice([{ addresses: ['192.0.2.7'] }])], selected: [], stray: [] },
      }),
      outcome: 'not-applicable',
    },
    {
      when: 'the Service is an ExternalName: it has no endpoints',
      world: world({
        service: found(service({ selector: null, spec: { type: 'ExternalName', externalName: 'api.example.com' } })),
        endpoints: endpointsOf([]),
      }),
      outcome: 'not-applicable',
    },
    { when: 'there is no Service', world: world({ service: NOT_FOUND, listeners: ABSENT }), outcome: 'not-applicable' },
  ],
});

it('sets every term of the selector beside the label of the Pods', () => {
  const judgement = judge(rule, world(selecting({ app: 'apii', tier: 'back' })));
  expect(judgement.outcome === 'fault' ? judgement.faults[0].compare : null).toEqual({
    title: 'The selector of Service api, and the Pods of Deployment api',
    rows: [
      { what: 'app', needs: 'apii', has: 'api', ok: false },
      { what: 'tier', needs: 'back', has: 'no such label', ok: false },
    ],
  });
});

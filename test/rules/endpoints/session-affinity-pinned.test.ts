import rule from '../../../src/rules/endpoints/session-affinity-pinned.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiC,
  connect,
  connectService,
  endpointsOf,
  found,
  reset,
  SILENT,
  service,
  world,
} from '../../support/world.ts';

const sticky = found(service({ spec: { sessionAffinity: 'ClientIP' } }));
const refused = reset('10.244.3.11');
const lost = (count: number) => Array.from({ length: count }, () => connectService(refused));

ruleCases(rule, {
  fires: [
    {
      when: 'five of five tries meet the one backend that refuses',
      world: world({
        service: sticky,
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, refused)],
        serviceConnects: lost(5),
      }),
      says: 'Service api holds web to api-c by ClientIP affinity, which refuses connections: 5 of 5 connections to the Service fail, while 2 of 3 backends answer.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'service',
      addresses: ['10.244.3.11'],
      saw: [
        'spec.sessionAffinity: ClientIP, for 10800 s after the last connection',
        'api 10.96.114.140:80: refused by a TCP reset from 10.244.3.11 (TTL 62) (5 of 5 tries; by chance less than 1 in 100)',
      ],
      run: [
        'kubectl -n shop describe pod api-c',
        `kubectl -n shop patch service api -p '{"spec":{"sessionAffinity":"None"}}'`,
      ],
    },
    {
      when: 'two of three fail, which chance would explain too',
      world: world({
        service: found(
          service({
            spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
          }),
        ),
        backendConnects: [connect(apiA), connect(apiB, SILENT), connect(apiC, SILENT)],
        serviceConnects: lost(5),
      }),
      says: 'Service api holds web to one of 2 backends by ClientIP affinity, which does not answer: 5 of 5 connections to the Service fail, while 1 of 3 backends answer.',
      subject: 'Service shop/api',
      confidence: 'possible',
      blocks: 'service',
      addresses: ['10.244.2.11', '10.244.3.11'],
      saw: ['spec.sessionAffinity: ClientIP, for 60 s after the last connection'],
    },
  ],
  silent: [
    {
      when: 'one try gets through',
      world: world({
        service: sticky,
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, refused)],
        serviceConnects: [...lost(4), connectService()],
      }),
      outcome: 'clear',
      because: '1 of 5 tries of the Service address work',
    },
    {
      when: 'the Service holds nobody',
      world: world({ backendConnects: [connect(apiA), connect(apiC, refused)], serviceConnects: lost(5) }),
      outcome: 'clear',
    },
    {
      when: 'every backend refuses',
      world: world({
        service: sticky,
        endpoints: endpointsOf([apiC]),
        backendConnects: [connect(apiC, refused)],
        serviceConnects: lost(5),
      }),
      outcome: 'clear',
    },
    {
      when: 'every backend answers',
      world: world({ service: sticky, backendConnects: API_PODS.map((pod) => connect(pod)), serviceConnects: lost(5) }),
      outcome: 'clear',
    },
  ],
});

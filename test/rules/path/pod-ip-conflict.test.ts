import rule from '../../../src/rules/path/pod-ip-conflict.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, pod, podNetwork, reset, world } from '../../support/world.ts';

const bRefuses = [connect(apiA), connect(apiB, reset('10.244.2.11', 64)), connect(apiC)];
const TWO = ['8a:11:5e:c0:00:01', '3e:21:5a:c9:11:02'];
const double = (more: Parameters<typeof pod>[0]) => pod({ node: 'n2', ip: '10.244.2.11', ...more });

ruleCases(rule, {
  fires: [
    {
      when: 'two devices answer for the address of a backend',
      world: world({ backendConnects: bRefuses, podNetwork: podNetwork({ owners: TWO }) }),
      says: '10.244.2.11 belongs to api-b and to another device on n2: 2 answer for it, and packets reach whichever answered first.',
      subject: 'Pod shop/api-b',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.2.11'],
      saw: ['2 devices answer for 10.244.2.11: 8a:11:5e:c0:00:01, 3e:21:5a:c9:11:02'],
      run: ['kubectl -n shop delete pod api-b'],
    },
    {
      when: 'two Pods show it in their status',
      world: world({
        backendConnects: bRefuses,
        neighbours: [double({ name: 'cron-7', namespace: 'jobs' })],
        podNetwork: podNetwork({ owners: [] }),
      }),
      says: '10.244.2.11 belongs to both api-b and cron-7: packets reach whichever answered first.',
      subject: 'Pod shop/api-b',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.2.11'],
    },
  ],
  silent: [
    {
      when: 'only the Pod itself answers for it: that is targetport-wrong or app-loopback-only',
      world: world({ backendConnects: bRefuses, podNetwork: podNetwork() }),
      outcome: 'clear',
      because: 'nobody else answers for the address of a backend',
    },
    {
      when: 'a finished Pod had it before',
      world: world({
        backendConnects: bRefuses,
        neighbours: [double({ name: 'cron-7', status: { phase: 'Succeeded' } })],
        podNetwork: podNetwork({ owners: [] }),
      }),
      outcome: 'clear',
    },
    {
      when: 'a Pod that is going away had it before',
      world: world({
        backendConnects: bRefuses,
        neighbours: [double({ name: 'cron-7', deleted: true })],
        podNetwork: podNetwork({ owners: [] }),
      }),
      outcome: 'clear',
    },
    {
      when: 'Pods on the host network share the address of their node',
      world: world({
        backendConnects: bRefuses,
        neighbours: [double({ name: 'proxy-2', spec: { hostNetwork: true } })],
        podNetwork: podNetwork({ owners: [] }),
      }),
      outcome: 'clear',
    },
    {
      when: 'two devices answer, and every backend works',
      world: world({ podNetwork: podNetwork({ owners: TWO }) }),
      outcome: 'clear',
    },
  ],
});

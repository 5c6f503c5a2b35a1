import rule from '../../../src/rules/path/idle-timeout.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { idle, world } from '../../support/world.ts';

const pod = { address: '10.244.1.11', port: 8080, owner: { kind: 'Pod', name: 'api-a', node: 'n1' } } as const;
const cut = { 0: 'answered', 5: 'answered', 15: 'silent', 30: 'silent' } as const;
const good = { 0: 'answered', 5: 'answered', 15: 'answered', 30: 'answered' } as const;

ruleCases(rule, {
  fires: [
    {
      when: 'from a pause on nothing comes back, and new connections work',
      world: world({ idleTests: [idle(cut), idle(cut, pod)] }),
      says: 'Connections from web to api (10.96.114.140:80) that are idle for more than 5 s are cut, at the latest after 15 s, and neither end is told.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: null,
      saw: [
        'api 10.96.114.140:80: idle 0, 5 s: answered; 15, 30 s: no answer, and a new connection is answered at once',
      ],
      run: ['sysctl net.netfilter.nf_conntrack_tcp_timeout_established'],
    },
    {
      when: 'only the longest pause is too long, and only by the Service address',
      world: world({ idleTests: [idle({ ...good, 30: 'reset' }), idle(good, pod)] }),
      says: 'Connections from web to api (10.96.114.140:80) that are idle for more than 15 s are cut, at the latest after 30 s, and neither end is told; straight to a Pod they are not.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: null,
    },
  ],
  silent: [
    { when: 'every pause is survived', world: world({ idleTests: [idle(good)] }), outcome: 'clear' },
    {
      when: 'the server ends idle connections itself, and says so',
      world: world({ idleTests: [idle({ ...good, 30: 'closed' })] }),
      outcome: 'clear',
    },
    {
      when: 'packets are lost now and then, and a longer pause is survived',
      world: world({ idleTests: [idle({ ...good, 15: 'silent' })] }),
      outcome: 'clear',
    },
    {
      when: 'a rollout broke it: new connections fail as well',
      world: world({
        idleTests: [
          idle(good, {
            holds: [
              { idleS: 0, outcome: 'answered', again: true },
              { idleS: 15, outcome: 'reset', again: false },
            ],
          }),
        ],
      }),
      outcome: 'clear',
    },
    { when: 'no port speaks HTTP', world: world({ idleTests: [] }), outcome: 'not-applicable' },
  ],
});

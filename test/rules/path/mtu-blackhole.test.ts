import rule from '../../../src/rules/path/mtu-blackhole.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import { apiA, apiB, apiC, connect, MUTE, sizeTest, world } from '../../support/world.ts';

const CUT = { exchange: { kind: 'http', status: 200, bytes: 0, firstByteMs: 2, isCut: true } } as const;

ruleCases(rule, {
  fires: [
    {
      when: 'the answer of one backend stalls, and comes in small packets',
      world: world({
        backendConnects: [connect(apiA), connect(apiB), connect(apiC, CUT)],
        sizeTests: [sizeTest(apiC)],
      }),
      says: 'Packets over 1350 bytes disappear between n2 and n3: a request to api-c stalls, and the same in small packets is answered; web may send 1450.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'application',
      addresses: ['10.244.3.11'],
      saw: [
        '10.244.3.11:8080 as usual: stalls after 0 bytes; in packets of 576 bytes: complete, 20,134 bytes',
        'pings that must not be broken up: 1350 bytes pass, larger ones are lost without a word',
      ],
      run: ['sysctl -w net.ipv4.tcp_mtu_probing=1'],
    },
    {
      when: 'a large request stalls, and nobody answers pings',
      world: world({
        largeRequests: [connect(apiA), connect(apiB), connect(apiC, MUTE)],
        sizeTests: [
          sizeTest(apiC, {
            sender: { unacknowledged: 6152, retransmits: 3 },
            pings: [
              { bytes: 100, outcome: 'lost' },
              { bytes: 1450, outcome: 'lost' },
            ],
          }),
        ],
      }),
      says: 'Full-size packets disappear between n2 and n3: a request to api-c stalls, and the same in small packets is answered; web may send 1450.',
      subject: 'Node n3',
      confidence: 'likely',
      blocks: 'application',
      addresses: ['10.244.3.11'],
      saw: ['while it stalls, 6152 bytes wait to be acknowledged, sent again 3 times'],
    },
    {
      when: 'it is between two Pods of one node',
      world: world({ backendConnects: [connect(apiB, MUTE)], sizeTests: [sizeTest(apiB, { mtu: null })] }),
      says: 'Packets over 1350 bytes disappear between web and api-b: a request to api-b stalls, and the same in small packets is answered.',
      subject: 'Pod api-b',
      confidence: 'proven',
      blocks: 'application',
      addresses: ['10.244.2.11'],
    },
  ],
  silent: [
    {
      when: 'it stalls in small packets too: that is app-hung',
      world: world({
        backendConnects: [connect(apiC, MUTE)],
        sizeTests: [
          sizeTest(apiC, { small: { bytes: 0, isComplete: false }, pings: [{ bytes: 1450, outcome: 'answered' }] }),
        ],
      }),
      outcome: 'clear',
      because: 'what stalls, stalls in small packets too',
    },
    {
      when: 'it is a stream: it never ends, whatever the size of its packets',
      world: world({
        backendConnects: [connect(apiC, CUT)],
        sizeTests: [
          sizeTest(apiC, {
            usual: { bytes: 4210, isComplete: false },
            small: { bytes: 5300, isComplete: false },
            pings: [{ bytes: 1450, outcome: 'answered' }],
          }),
        ],
      }),
      outcome: 'clear',
    },
    {
      when: 'the sender is told that a packet is too long: a smaller MTU alone is no fault',
      world: world({
        backendConnects: [connect(apiC, CUT)],
        sizeTests: [
          sizeTest(apiC, {
            usual: { bytes: 4210, isComplete: false },
            small: { bytes: 9300, isComplete: false },
            pings: [
              { bytes: 1300, outcome: 'answered' },
              { bytes: 1450, outcome: 'too-long' },
            ],
          }),
        ],
      }),
      outcome: 'clear',
    },
    {
      when: 'it went through the second time as usual',
      world: world({
        backendConnects: [connect(apiC, MUTE)],
        sizeTests: [sizeTest(apiC, { usual: { bytes: 20_134, isComplete: true } })],
      }),
      outcome: 'clear',
    },
  ],
});

import rule from '../../../src/rules/path/app-hung.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiC,
  CONNECTED,
  connect,
  listener,
  MUTE,
  REFUSED,
  SILENT,
  world,
} from '../../support/world.ts';

const cHangs = [connect(apiA), connect(apiB), connect(apiC, MUTE)];
const all = API_PODS.map((pod) => connect(pod, MUTE));

ruleCases(rule, {
  fires: [
    {
      when: 'one of three never answers',
      world: world({ backendConnects: cHangs }),
      says: 'api-c accepts TCP on 10.244.3.11:8080 in 0.8 ms, but its application sends nothing in 5 s; 2 other backends answered the same request.',
      subject: 'Pod shop/api-c',
      confidence: 'likely',
      blocks: 'application',
      addresses: ['10.244.3.11'],
      saw: [
        '10.244.3.11:8080: connected in 0.8 ms, then not a byte in 5 s',
        '10.244.1.11:8080: connected in 0.9 ms, HTTP 200',
      ],
      run: ['kubectl -n shop logs api-c --tail=50', 'kubectl -n shop delete pod api-c'],
    },
    {
      when: 'connections wait for it to accept them, seen inside the Pod',
      world: world({
        backendConnects: cHangs,
        tlsRetries: [connect(apiC, MUTE)],
        listeners: { 'api-c': [listener('0.0.0.0', 8080, 12)] },
      }),
      says: 'api-c accepts TCP on 10.244.3.11:8080 in 0.8 ms, but its application sends nothing in 5 s; 2 other backends answered the same request.',
      subject: 'Pod shop/api-c',
      confidence: 'proven',
      blocks: 'application',
      addresses: ['10.244.3.11'],
      saw: [
        '12 connections wait for accept(2) on port 8080',
        'TLS on the same port: connected in 0.8 ms, then not a byte in 5 s',
      ],
    },
    {
      when: 'the only backend is silent in plain text, and TLS was not tried',
      world: world({ backendConnects: [connect(apiC, MUTE)] }),
      says: 'api-c accepts TCP on 10.244.3.11:8080 in 0.8 ms, but its application sends nothing in 5 s.',
      subject: 'Pod shop/api-c',
      confidence: 'possible',
      blocks: 'application',
      addresses: ['10.244.3.11'],
    },
    {
      when: 'the TLS retry did not even connect, because the accept queue is full by then',
      world: world({ backendConnects: [connect(apiC, MUTE)], tlsRetries: [connect(apiC, SILENT)] }),
      says: 'api-c accepts TCP on 10.244.3.11:8080 in 0.8 ms, but its application sends nothing in 5 s.',
      subject: 'Pod shop/api-c',
      confidence: 'possible',
      blocks: 'application',
      addresses: ['10.244.3.11'],
    },
  ],
  silent: [
    {
      when: 'every backend answers',
      world: world(),
      outcome: 'clear',
      because: 'every connection that stood was answered',
    },
    {
      when: 'the server waits for a ClientHello and answers TLS: that is tls-mismatch',
      world: world({
        backendConnects: all,
        tlsRetries: API_PODS.map((pod) => connect(pod, { exchange: { kind: 'other', text: 'TLS 1.3' } })),
      }),
      outcome: 'clear',
      because: 'the silent backends answer TLS',
    },
    {
      when: 'a refusal of the application proves that it answers',
      world: world({
        backendConnects: [
          connect(apiA, { exchange: { kind: 'http', status: 403, bytes: 90, firstByteMs: 3 } }),
          connect(apiB, { exchange: { kind: 'http', status: 404, bytes: 90, firstByteMs: 3 } }),
          connect(apiC, { exchange: { kind: 'http', status: 503, bytes: 90, firstByteMs: 3 } }),
        ],
      }),
      outcome: 'clear',
    },
    {
      when: 'the port speaks something that we do not: nothing was asked',
      world: world({ backendConnects: API_PODS.map((pod) => connect(pod, CONNECTED)) }),
      outcome: 'clear',
    },
    {
      when: 'connections do not stand at all',
      world: world({ backendConnects: [connect(apiA, SILENT), connect(apiB, REFUSED)] }),
      outcome: 'clear',
    },
    {
      when: 'a mesh resets the connection: reset is not silence',
      world: world({ backendConnects: [connect(apiA, { exchange: { kind: 'reset' } })] }),
      outcome: 'clear',
    },
  ],
});

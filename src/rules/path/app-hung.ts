import { duration, endpoint, sawConnect } from '../../derive/connects.ts';
import { podRef, podsBehind } from '../../derive/pods.ts';
import { isBlackHole } from '../../derive/sizes.ts';
import { clear, defineRule, type Fault, faults } from '../rule.ts';

export default defineRule({
  id: 'app-hung',
  rung: 'P',
  title: 'The application accepts connections and never answers',
  needs: ['backendConnects'],
  uses: ['endpoints', 'destinationPod', 'tlsRetries', 'listeners', 'sizeTests'],
  lookAlikes: ['listen-overflow', 'mtu-blackhole', 'tls-mismatch'],
  explains: [],
  judge({ backendConnects, endpoints, destinationPod, tlsRetries, listeners, sizeTests }, { reach, seen }) {
    const silent = backendConnects.filter(
      (reading) =>
        reading.outcome.kind === 'connected' &&
        reading.exchange.kind === 'silent' &&
        reach.failing.includes(reading.address) &&
        // What answers in small packets does not hang.
        !sizeTests?.some((test) => test.address === reading.address && isBlackHole(test)),
    );
    if (silent.length === 0) return clear('every connection that stood was answered');
    const pods = podsBehind(endpoints, destinationPod);
    const answering = backendConnects.filter((reading) => reading.exchange.kind === 'http');
    const all = silent.flatMap((reading): readonly Fault[] => {
      // A retry that found no room in the accept queue says nothing about TLS.
      const retry = tlsRetries?.find(
        (other) => other.address === reading.address && other.outcome.kind === 'connected',
      );
      // It waited for a ClientHello: not hung, but spoken to in the wrong protocol.
      if (retry !== undefined && retry.exchange.kind !== 'silent') return [];
      const pod = pods.find((candidate) => candidate.metadata.name === reading.owner.name);
      const socket =
        pod === undefined
          ? undefined
          : listeners?.[pod.metadata.name]?.find((candidate) => candidate.port === reading.port);
      const queued = socket !== undefined && socket.queued > 0;
      const waited = reading.exchange.kind === 'silent' ? duration(reading.exchange.afterMs) : '';
      const connected = reading.outcome.kind === 'connected' ? duration(reading.outcome.ms) : '';
      const subject = pod === undefined ? { kind: reading.owner.kind, name: reading.owner.name } : podRef(pod);
      return [
        {
          subject,
          summary: `${reading.owner.name} accepts TCP on ${endpoint(reading.address, reading.port)} in ${connected}, but its application sends nothing in ${waited}${answering.length === 0 ? '' : `; ${answering.length === 1 ? answering[0]?.owner.name : `${answering.length} other backends`} answered the same request`}.`,
          confidence: queued ? 'proven' : retry !== undefined || answering.length > 0 ? 'likely' : 'possible',
          blocks: 'application',
          addresses: [reading.address],
          evidence: [
            {
              vantage: 'source',
              command: reading.command,
              saw: `${endpoint(reading.address, reading.port)}: ${sawConnect(reading)}`,
            },
            ...(retry === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: retry.command,
                    saw: `TLS on the same port: ${sawConnect(retry)}`,
                  },
                ]),
            ...answering.slice(0, 2).map((other) => ({
              vantage: 'source' as const,
              command: other.command,
              saw: `${endpoint(other.address, other.port)}: ${sawConnect(other)}`,
            })),
            ...(queued
              ? [seen('listeners', `${socket.queued} connections wait for accept(2) on port ${socket.port}`)]
              : []),
          ],
          ruledOut: [
            { id: 'listen-overflow', because: 'the connection itself stands at once' },
            { id: 'mtu-blackhole', because: 'the request is small and not one byte of the answer came' },
            ...(retry === undefined ? [] : [{ id: 'tls-mismatch', because: 'a TLS handshake gets no answer either' }]),
          ],
          ...(retry === undefined && answering.length === 0
            ? { notRuledOut: [{ id: 'tls-mismatch', needs: 'a TLS handshake with it' }] }
            : {}),
          fix: [
            {
              say: 'Read what the application logged last',
              ...(pod === undefined
                ? {}
                : { run: `kubectl -n ${pod.metadata.namespace} logs ${pod.metadata.name} --tail=50` }),
            },
            ...(pod === undefined
              ? []
              : [
                  {
                    say: 'Replace the Pod, then give it a liveness probe that asks for an answer',
                    run: `kubectl -n ${pod.metadata.namespace} delete pod ${pod.metadata.name}`,
                  },
                ]),
          ],
        },
      ];
    });
    return faults(all, 'the silent backends answer TLS');
  },
});

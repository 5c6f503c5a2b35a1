import { endpoint } from '../../derive/connects.ts';
import { forgottenIn, sawIdle } from '../../derive/idle.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'idle-timeout',
  rung: 'P',
  title: 'An idle connection is forgotten on the way',
  needs: ['idleTests'],
  uses: [],
  lookAlikes: ['terminating-endpoint-race', 'conntrack-invalid-rst', 'packet-loss'],
  explains: [],
  judge({ idleTests }, { flow }) {
    const cut = idleTests.flatMap((test) => {
      const between = forgottenIn(test);
      return between === null ? [] : [{ test, between }];
    });
    const [first] = cut;
    if (idleTests.length === 0) return notApplicable('no connection was left idle: it is done on request');
    if (first === undefined) return clear('every idle connection was answered, or its end was announced');
    const { test, between } = first;
    const direct = idleTests.find(({ owner }) => owner.kind === 'Pod');
    const isDirect = direct !== undefined && forgottenIn(direct) !== null;
    const to = flow.destination;
    const namespace = 'namespace' in to ? to.namespace : flow.source.namespace;
    return faults(
      [
        {
          subject:
            test.owner.kind === 'Service' || test.owner.kind === 'Pod'
              ? { kind: test.owner.kind, namespace, name: test.owner.name }
              : { kind: test.owner.kind, name: test.owner.name },
          summary: `Connections from ${flow.source.name} to ${test.owner.name === test.address ? '' : `${test.owner.name} `}(${endpoint(test.address, test.port)}) that are idle for more than ${between.worksS} s are cut, at the latest after ${between.cutS} s, and neither end is told${isDirect || direct === undefined || test === direct ? '' : '; straight to a Pod they are not'}.`,
          confidence: between.times > 1 || cut.length > 1 ? 'proven' : 'likely',
          // A flow that does not pause works.
          blocks: null,
          evidence: idleTests.map((one) => ({
            vantage: 'source' as const,
            command: one.command,
            saw: `${one.owner.name} ${endpoint(one.address, one.port)}: ${sawIdle(one)}`,
          })),
          ruledOut: [
            { id: 'terminating-endpoint-race', because: 'the far end did not end the connection: no FIN came' },
            { id: 'packet-loss', because: 'shorter pauses and new connections are answered' },
          ],
          fix: [
            {
              say: `Let the client send something more often than every ${between.worksS} s: TCP keep-alive (SO_KEEPALIVE, TCP_KEEPIDLE), or a ping of its protocol`,
            },
            { say: `Or let its pool close connections that were idle for ${between.worksS} s` },
            {
              say: 'Or raise the time of what forgets them: on a node nf_conntrack_tcp_timeout_established, outside the idle timeout of the load balancer or NAT gateway',
              run: 'sysctl net.netfilter.nf_conntrack_tcp_timeout_established',
            },
          ],
        },
      ],
      '',
    );
  },
});

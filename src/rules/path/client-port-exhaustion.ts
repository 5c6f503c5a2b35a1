import { endpoint } from '../../derive/connects.ts';
import { podRef } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import type { ConnectReading } from '../../evidence/readings.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

/** strerror(3) of EADDRNOTAVAIL in glibc and musl. */
const NO_PORT = /Cannot assign requested address|Address not available/i;

export default defineRule({
  id: 'client-port-exhaustion',
  rung: 'P',
  title: 'The source Pod has no source port left',
  needs: ['sourcePod'],
  uses: ['serviceConnects', 'backendConnects', 'podNetwork'],
  lookAlikes: ['snat-port-collision', 'pod-netns-broken'],
  explains: [],
  judge({ sourcePod, serviceConnects, backendConnects, podNetwork }, { seen }) {
    const pod = found(sourcePod);
    if (pod === null) return notApplicable('the source Pod does not exist');
    if (serviceConnects === null && backendConnects === null) return notApplicable('nothing was connected to');
    const without = ({ outcome }: ConnectReading): boolean => outcome.kind === 'failed' && NO_PORT.test(outcome.text);
    const service = (serviceConnects ?? []).filter(without);
    const backends = (backendConnects ?? []).filter(without);
    const [first] = [...service, ...backends];
    if (first === undefined) return clear('every connection got a source port');
    const to = endpoint(first.address, first.port);
    const ports = podNetwork?.ports ?? null;
    const range = ports === null ? null : ports.last - ports.first + 1;
    const used = ports?.used.find((one) => one.to === to)?.sockets ?? null;
    const counted =
      range === null ? '' : `: ${used === null ? 'all' : Math.min(used, range)} of ${range} are in use there`;
    const { namespace = '', name } = pod.metadata;
    return faults(
      [
        {
          subject: podRef(pod),
          summary: `${name} has no source port left towards ${to}${counted}.`,
          confidence: range !== null && used !== null && used >= range * 0.9 ? 'proven' : 'likely',
          blocks: service.length > 0 ? 'service' : 'path',
          ...(service.length > 0 ? {} : { addresses: backends.map(({ address }) => address) }),
          evidence: [
            {
              vantage: 'source',
              command: first.command,
              saw: `${to}: ${first.outcome.kind === 'failed' ? first.outcome.text : ''}, at once and without a packet`,
            },
            ...(ports === null
              ? []
              : [
                  seen(
                    'podNetwork',
                    `ports ${ports.first} to ${ports.last} may be used; ${used ?? 'unknown how many'} sockets towards ${to}`,
                  ),
                ]),
          ],
          ruledOut: [{ id: 'snat-port-collision', because: 'no packet leaves the Pod' }],
          fix: [
            {
              say: 'See which connections are held, and in which state: many in TIME-WAIT want keep-alive or a pool, many in CLOSE-WAIT are a leak',
              run: `kubectl -n ${namespace} exec ${name} -- sh -c 'ss -tan dst ${first.address} || netstat -tan'`,
            },
            {
              say: 'Reuse connections: a pool with keep-alive; close what is not needed',
            },
            {
              say: 'Or widen the range of source ports (a safe sysctl), or let ports in TIME-WAIT be used again (net.ipv4.tcp_tw_reuse=1)',
              run: `kubectl explain pod.spec.securityContext.sysctls`,
            },
          ],
        },
      ],
      '',
    );
  },
});

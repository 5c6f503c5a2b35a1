import { serviceAddresses } from '../../derive/backends.ts';
import { outsideTarget } from '../../derive/dns.ts';
import { addressesOf, isReady } from '../../derive/pods.ts';
import { parseCorefile } from '../../dns/corefile.ts';
import { detectsLoops, forwardsFor, serversFor } from '../../dns/plugins.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { COREDNS_CONFIG, EDIT_COREFILE, proofOfLog } from '../support/dns.ts';

export default defineRule({
  id: 'dns-forward-loop',
  rung: 'D',
  title: 'CoreDNS forwards to itself',
  needs: ['dnsPods'],
  uses: ['dnsLogs', 'corefile', 'dnsService', 'service'],
  lookAlikes: ['dns-upstream-unreachable', 'dns-corefile-syntax-error', 'dns-coredns-overloaded'],
  explains: ['dns-coredns-down', 'dns-upstream-unreachable', 'dns-replica-partial'],
  judge({ dnsPods, dnsLogs, corefile, dnsService, service }, { flow, domain, reach, seen }) {
    if (flow.byAddress) return notApplicable('no name is looked up');
    const complaint = dnsLogs?.find(({ kind }) => kind === 'loop');
    const text = found(corefile);
    const parsed = text === null ? null : parseCorefile(text);
    const [server] = parsed === null ? [] : serversFor(parsed, 'example.com.');
    const [forward] = server === undefined ? [] : forwardsFor(server, 'example.com.');
    const clusterDns = found(dnsService);
    const itself = [...(clusterDns === null ? [] : serviceAddresses(clusterDns)), ...dnsPods.flatMap(addressesOf)];
    const own = forward?.addresses.find(
      ({ address, port }) => port === 53 && (/^127\.|^::1$/.test(address) || itself.includes(address)),
    );
    const outside = outsideTarget(found(service), flow, domain);
    if (complaint === undefined && own === undefined)
      return clear(
        dnsLogs === null
          ? 'its Corefile forwards to no address of its own'
          : 'no Pod of the cluster DNS reports a loop',
      );
    const isDown = !dnsPods.some(isReady);
    const target =
      own === undefined ? 'the nameservers of its node, which lead back to it' : `${own.address}, which is itself`;
    const hasLoop = server !== undefined && detectsLoops(server);
    return faults(
      [
        {
          subject: COREDNS_CONFIG,
          summary: `CoreDNS forwards to ${target}${complaint === undefined && !hasLoop ? ': outside names go round in circles until they time out' : ', and ends at once because of that'}.`,
          confidence:
            complaint === undefined
              ? isDown || (outside !== null && reach.name === 'fails')
                ? 'likely'
                : 'possible'
              : 'proven',
          blocks: isDown || outside !== null ? 'name' : null,
          evidence: [
            ...(complaint === undefined ? [] : [proofOfLog(complaint)]),
            ...(forward === undefined
              ? []
              : [seen('corefile', `line ${forward.line}: forward ${forward.from} ${forward.to.join(' ')}`)]),
            seen('dnsPods', `${dnsPods.filter(isReady).length} of ${dnsPods.length} Pods Ready`),
          ],
          fix:
            own === undefined
              ? [
                  {
                    say: 'Give CoreDNS the real servers: forward . ADDRESS in the Corefile, or resolvConf: /run/systemd/resolve/resolv.conf in the kubelet configuration where the node runs systemd-resolved',
                    run: 'kubectl -n kube-system edit configmap coredns',
                  },
                  EDIT_COREFILE[1] ?? { say: '' },
                ]
              : EDIT_COREFILE,
        },
      ],
      '',
    );
  },
});

import { serviceAddresses } from '../../derive/backends.ts';
import { absoluteName } from '../../derive/dns.ts';
import { ownerOf, podRef } from '../../derive/pods.ts';
import { absolute, parseCorefile } from '../../dns/corefile.ts';
import { pinsOf } from '../../dns/plugins.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { COREDNS_CONFIG, EDIT_COREFILE, proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-hosts-override',
  rung: 'D',
  title: 'The name is pinned to another address',
  needs: ['sourcePod'],
  uses: ['service', 'hostsFile', 'systemLookups', 'nameLookup', 'corefile'],
  lookAlikes: ['dns-cache-stale', 'dns-search-wildcard'],
  explains: ['dns-cache-stale'],
  judge({ sourcePod, service, hostsFile, systemLookups, nameLookup, corefile }, { flow, domain, seen }) {
    const pod = found(sourcePod);
    const name = absoluteName(flow, domain);
    if (pod === null || name === null) return notApplicable('no name is looked up');
    const object = found(service);
    const own = object === null ? [] : serviceAddresses(object);
    const answer = nameLookup?.outcome.kind === 'answered' ? nameLookup.outcome.addresses : [];
    const right = own.length > 0 ? own : answer;
    // The hosts file is asked for the name as it is, without the search list.
    const asked = [flow.dnsName, name].filter((one) => one !== null).map((one) => absolute(one));
    const aliases = (pod.spec.hostAliases ?? []).map(({ ip, hostnames }) => ({ address: ip, names: hostnames ?? [] }));
    const entry = (hostsFile ?? aliases).find(
      ({ address, names }) => names.some((one) => asked.includes(absolute(one))) && !right.includes(address),
    );
    const target =
      object === null ? `DNS says ${answer.join(', ') || 'nothing'}` : `the Service is ${own.join(', ') || 'headless'}`;
    if (entry !== undefined && right.length > 0) {
      const isAlias = aliases.some(({ address }) => address === entry.address);
      const owner = ownerOf(pod);
      const { kind, name: whose } = owner ?? podRef(pod);
      const pinned = entry.names.find((one) => asked.includes(absolute(one))) ?? flow.typed;
      const went = systemLookups?.lookups.find(({ addresses }) => addresses.includes(entry.address));
      return faults(
        [
          {
            subject: podRef(pod),
            summary: `${pinned} is pinned to ${entry.address} by ${isAlias ? 'hostAliases' : '/etc/hosts'} of ${pod.metadata.name}, while ${target}: DNS is not even asked.`,
            confidence: went === undefined ? 'likely' : 'proven',
            blocks: 'name',
            evidence: [
              hostsFile === null
                ? seen('sourcePod', `spec.hostAliases: ${entry.address} ${entry.names.join(' ')}`)
                : seen('hostsFile', `${entry.address} ${entry.names.join(' ')}`),
              ...(went === undefined || systemLookups === null
                ? []
                : [{ vantage: 'source' as const, command: systemLookups.command, saw: went.addresses.join(' ') }]),
              ...(nameLookup === null ? [] : [proofOfLookup(nameLookup, 'DNS itself is right')]),
            ],
            fix: isAlias
              ? [
                  owner === null
                    ? { say: `Remove ${pinned} from hostAliases of Pod ${whose} and create it again` }
                    : {
                        say: `Remove ${pinned} from hostAliases of ${kind} ${whose}`,
                        run: `kubectl -n ${owner.namespace} edit ${kind.toLowerCase()} ${whose}`,
                      },
                ]
              : [{ say: `Remove ${pinned} from /etc/hosts: find out which image or start script writes it` }],
          },
        ],
        '',
      );
    }
    const text = found(corefile);
    const pins = text === null ? [] : pinsOf(parseCorefile(text), name);
    const [pin] = pins;
    const wrong = nameLookup !== null && own.length > 0 && !answer.some((address) => own.includes(address));
    if (pin === undefined || !(wrong || (nameLookup === null && own.length > 0)))
      return clear('neither the hosts file nor the Corefile pins the name');
    return faults(
      [
        {
          subject: COREDNS_CONFIG,
          summary: `CoreDNS answers ${name} with ${answer.join(', ') || pin.address || 'something else'} because of line ${pin.line} of its Corefile (${pin.text}), while ${target}.`,
          confidence:
            nameLookup === null || (pin.address !== null && !answer.includes(pin.address)) ? 'likely' : 'proven',
          blocks: 'name',
          evidence: [
            seen('corefile', `line ${pin.line}: ${pin.text}`),
            ...(nameLookup === null ? [] : [proofOfLookup(nameLookup)]),
            ...(object === null ? [] : [seen('service', `clusterIP ${own.join(', ')}`)]),
          ],
          fix: EDIT_COREFILE,
        },
      ],
      '',
    );
  },
});

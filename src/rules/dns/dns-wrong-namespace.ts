import { sawDns } from '../../derive/reach.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';

export default defineRule({
  id: 'dns-wrong-namespace',
  rung: 'D',
  title: 'The Service is in another namespace',
  needs: ['service'],
  uses: ['otherServices', 'searchLookup', 'nameLookup'],
  lookAlikes: ['dns-name-not-found', 'dns-coredns-down'],
  explains: [],
  judge({ service, otherServices, searchLookup, nameLookup }, { flow, domain, seen }) {
    const to = flow.destination;
    if (to.kind !== 'Service') return notApplicable('the destination is not a Service');
    if (service.found) return clear(`Service ${to.name} exists in ${to.namespace}`);
    if (otherServices === null) return unsure('api', 'Services of other namespaces could not be read');
    const elsewhere = otherServices
      .filter((other) => other.metadata.name === to.name)
      .map((other) => other.metadata.namespace ?? '');
    const [there] = elsewhere;
    if (there === undefined) return clear(`no namespace has a Service ${to.name}`);
    const lookup = searchLookup ?? nameLookup;
    const isShort = (flow.dnsName ?? flow.typed) === to.name;
    const others = elsewhere.length === 1 ? there : `${elsewhere.slice(0, 5).join(', ')}`;
    return faults(
      [
        {
          subject: { kind: 'Service', namespace: there, name: to.name },
          summary: `${flow.source.name} looks for ${to.name} in ${to.namespace}, but the Service is in ${others}${isShort ? ": a short name is only completed with the Pod's own namespace" : ''}.`,
          confidence: 'proven',
          blocks: 'name',
          evidence: [
            seen('service', `404: services "${to.name}" not found in ${to.namespace}`),
            seen('otherServices', `${to.name} exists in ${others}`),
            ...(lookup === null
              ? []
              : [{ vantage: 'source' as const, command: lookup.command, saw: sawDns(lookup.outcome) }]),
          ],
          fix: [
            {
              say: `Use ${to.name}.${there} (or ${to.name}.${there}.svc.${domain}) in the configuration of ${flow.source.name}`,
            },
            {
              say: 'Check that flow instead',
              run: `kubectl netdebug -n ${flow.source.namespace} ${flow.source.name} ${to.name}.${there}`,
            },
          ],
        },
      ],
      '',
    );
  },
});

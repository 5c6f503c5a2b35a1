import { sawDns } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';
import { proofOfLookup } from '../support/dns.ts';

export default defineRule({
  id: 'dns-externalname-broken',
  rung: 'D',
  title: 'The target of an ExternalName does not resolve',
  needs: ['service'],
  uses: ['nameLookup', 'controlLookup'],
  lookAlikes: ['dns-upstream-unreachable', 'dns-name-not-found'],
  explains: [],
  judge({ service, nameLookup, controlLookup }, { flow, seen }) {
    const object = found(service);
    if (object?.spec.type !== 'ExternalName') return notApplicable('the destination is no ExternalName');
    const target = object.spec.externalName ?? '';
    const { name, namespace = '' } = object.metadata;
    const isAddress = /^[0-9.]+$|:/.test(target);
    const outcome = nameLookup?.outcome;
    const fails =
      outcome?.kind === 'answered' && ['NXDOMAIN', 'NOERROR'].includes(outcome.rcode) && outcome.addresses.length === 0;
    if (!isAddress && nameLookup === null) return unsure('source', 'the name was not looked up');
    if (!isAddress && !fails)
      return clear(`${target} was answered with ${outcome === undefined ? 'nothing' : sawDns(outcome)}`);
    const reason = isAddress
      ? `${target} is an address, and DNS takes it for a name, which does not exist`
      : `${target} does not exist`;
    return faults(
      [
        {
          subject: { kind: 'Service', namespace, name },
          summary: `${name} is an alias (ExternalName) of ${target}, which does not resolve: ${reason}.`,
          confidence: 'proven',
          blocks: flow.byAddress ? null : 'name',
          evidence: [
            seen('service', `spec.externalName: ${target}`),
            ...(nameLookup === null ? [] : [proofOfLookup(nameLookup)]),
            ...(controlLookup === null ? [] : [proofOfLookup(controlLookup, 'DNS itself works')]),
          ],
          fix: isAddress
            ? [
                {
                  say: `Make ${name} a Service without selector and write ${target} into an EndpointSlice; see https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors`,
                  run: `kubectl -n ${namespace} edit service ${name}`,
                },
              ]
            : [
                {
                  say: `Correct the target, for example to db.example.com`,
                  run: `kubectl -n ${namespace} edit service ${name}`,
                },
              ],
        },
      ],
      '',
    );
  },
});

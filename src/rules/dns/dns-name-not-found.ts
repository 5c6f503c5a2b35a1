import { nearNames } from '../../derive/names.ts';
import { sawDns } from '../../derive/reach.ts';
import type { Destination, Flow } from '../../ladder/flow.ts';
import { clear, defineRule, type Fault, type FixStep, faults, notApplicable, unsure } from '../rule.ts';

export default defineRule({
  id: 'dns-name-not-found',
  rung: 'D',
  title: 'The name does not exist',
  needs: [],
  uses: ['service', 'destinationPod', 'otherServices', 'nameLookup', 'searchLookup'],
  lookAlikes: ['dns-wrong-namespace', 'dns-coredns-down'],
  explains: [],
  judge({ service, destinationPod, otherServices, nameLookup, searchLookup }, { flow, seen }) {
    const to = flow.destination;
    const lookup = nameLookup ?? searchLookup;
    if (to.kind === 'Host') {
      if (lookup === null) return unsure('source', 'an outside name can only be asked from the Pod');
      if (lookup.outcome.kind !== 'answered' || lookup.outcome.rcode !== 'NXDOMAIN')
        return clear(`${to.host} was answered with ${sawDns(lookup.outcome)}`);
      const fix: readonly FixStep[] = [
        { say: 'Correct the name in the client, or look for it among the Services', run: 'kubectl get services -A' },
      ];
      return faults(
        [
          {
            subject: { kind: 'Host', name: to.host },
            summary: `No DNS server knows the name ${to.host}: the answer is NXDOMAIN.`,
            confidence: 'likely',
            blocks: 'name',
            evidence: [{ vantage: 'source', command: lookup.command, saw: sawDns(lookup.outcome) }],
            fix,
          },
        ],
        '',
      );
    }
    if (to.kind === 'Absent') return faults([absent(to, flow)], '');
    if (to.kind === 'Pod' && destinationPod !== null && !destinationPod.found) {
      return faults(
        [
          {
            subject: { kind: 'Pod', namespace: to.namespace, name: to.name },
            summary: `There is no Pod ${to.name} in ${to.namespace}.`,
            confidence: 'proven',
            blocks: 'path',
            evidence: [seen('destinationPod', `404: pods "${to.name}" not found`)],
            fix: [
              {
                say: 'Name a Pod that exists, or the Service in front of it',
                run: `kubectl -n ${to.namespace} get pods,services`,
              },
            ],
          },
        ],
        '',
      );
    }
    if (to.kind !== 'Service') return notApplicable('the destination is not a name');
    if (service === null) {
      const said = nameLookup?.outcome;
      if (said?.kind !== 'answered' || said.rcode !== 'NXDOMAIN' || !said.authoritative)
        return unsure('api', 'the Service could not be read');
      return faults([unknownToDns(to, { command: nameLookup?.command ?? '', saw: sawDns(said) })], '');
    }
    if (service.found) return clear(`Service ${to.name} exists in ${to.namespace}`);
    const elsewhere = (otherServices ?? []).filter((other) => other.metadata.name === to.name);
    if (elsewhere.length > 0)
      return clear(`Service ${to.name} exists in ${elsewhere.map((other) => other.metadata.namespace).join(', ')}`);
    const here = (otherServices ?? [])
      .filter((other) => other.metadata.namespace === to.namespace)
      .map((other) => other.metadata.name);
    const near = nearNames(to.name, here);
    const [nearest] = near;
    const count =
      here.length === 0 ? 'no Services' : here.length === 1 ? '1 other Service' : `${here.length} other Services`;
    const others = otherServices === null ? 'which others exist could not be read' : `${to.namespace} has ${count}`;
    const hint = nearest === undefined ? others : `the closest name is ${near.join(', ')}`;
    return faults(
      [
        {
          subject: { kind: 'Service', namespace: to.namespace, name: to.name },
          summary: `There is no Service ${to.name} in ${to.namespace}; ${hint}.`,
          // Unread names may be those of the same Service in another namespace.
          confidence: otherServices === null ? 'likely' : 'proven',
          blocks: 'name',
          evidence: [
            seen('service', `404: services "${to.name}" not found`),
            ...(lookup === null
              ? []
              : [{ vantage: 'source' as const, command: lookup.command, saw: sawDns(lookup.outcome) }]),
          ],
          fix:
            nearest === undefined
              ? [
                  {
                    say: `Create the Service, or correct the name in ${flow.source.name}`,
                    run: `kubectl -n ${to.namespace} get services`,
                  },
                ]
              : [
                  {
                    say: `Use ${nearest} in the configuration of ${flow.source.name}, if that is the one meant`,
                    run: `kubectl -n ${to.namespace} get service ${nearest}`,
                  },
                  {
                    say: 'Check that flow instead',
                    run: `kubectl netdebug -n ${flow.source.namespace} ${flow.source.name} ${nearest}.${to.namespace}`,
                  },
                ],
        },
      ],
      '',
    );
  },
});

/** A workload or a Node that was named and is not there. */
function absent({ object, near }: Extract<Destination, { kind: 'Absent' }>, { source, typed }: Flow): Fault {
  const kind = object.kind.toLowerCase();
  const scope = object.namespace === undefined ? '' : ` -n ${object.namespace}`;
  const where = object.namespace === undefined ? '' : ` in ${object.namespace}`;
  const elsewhere =
    object.namespace === source.namespace || object.namespace === undefined ? '' : `.${object.namespace}`;
  const hint =
    near.length === 0 ? '' : `; the closest ${near.length === 1 ? 'name is' : 'names are'} ${near.join(', ')}`;
  return {
    subject: object,
    summary: `There is no ${object.kind} ${object.name}${where}${hint}.`,
    confidence: 'proven',
    blocks: 'path',
    evidence: [
      {
        vantage: 'api',
        command: `kubectl${scope} get ${kind} ${object.name}`,
        saw: `404: ${kind}s "${object.name}" not found`,
      },
    ],
    fix:
      near.length === 0
        ? [{ say: `Name one that exists instead of ${typed}`, run: `kubectl${scope} get ${kind}s` }]
        : near.map((name) => ({
            say: `Ask about ${name}, if that is the one meant`,
            run: `kubectl netdebug -n ${source.namespace} ${source.name} ${kind}/${name}${elsewhere}`,
          })),
  };
}

/** The Service itself may not be read, and the cluster DNS, which watches all of them, does not know it. */
function unknownToDns(
  { namespace, name }: Extract<Destination, { kind: 'Service' }>,
  proof: { readonly command: string; readonly saw: string },
): Fault {
  const read = `kubectl -n ${namespace} get service ${name}`;
  return {
    subject: { kind: 'Service', namespace, name },
    summary: `The cluster DNS knows no Service ${name} in ${namespace}; the Service itself may not be read.`,
    confidence: 'possible',
    blocks: 'name',
    evidence: [{ vantage: 'source', ...proof }],
    notRuledOut: [
      { id: 'dns-headless-empty', needs: read },
      { id: 'dns-api-unsynced', needs: read },
    ],
    fix: [{ say: 'Have somebody who may read it look for the Service', run: `${read} -o wide` }],
  };
}

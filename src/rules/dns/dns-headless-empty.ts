import { backendsOf, isHeadless, usedBackends } from '../../derive/backends.ts';
import { isFinished, isReady } from '../../derive/pods.ts';
import { sawDns } from '../../derive/reach.ts';
import { found } from '../../evidence/collected.ts';
import { selectorText } from '../../netpol/selector.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'dns-headless-empty',
  rung: 'D',
  title: 'A headless Service has no ready endpoint, so its name does not exist',
  needs: ['service', 'endpoints'],
  uses: ['nameLookup'],
  lookAlikes: ['dns-name-not-found', 'dns-api-unsynced'],
  // The name is missing because of them: one cause, told by what the client meets.
  explains: ['readiness-failing', 'backend-not-running', 'selector-mismatch', 'backend-scaled-to-zero'],
  judge({ service, endpoints, nameLookup }, { flow, seen }) {
    const object = found(service);
    if (object === null || !isHeadless(object)) return notApplicable('the destination is no headless Service');
    const { name, namespace = '' } = object.metadata;
    const pods = endpoints.selected.filter((pod) => !isFinished(pod));
    const ports = object.spec.ports ?? [];
    const backends =
      ports.length === 0
        ? []
        : ports.flatMap((port) => backendsOf(endpoints.slices, [...endpoints.selected, ...endpoints.stray], port));
    const listed = endpoints.slices.flatMap((slice) => slice.endpoints ?? []);
    const ready = listed.filter((one) => one.conditions?.ready ?? true);
    if (ready.length > 0 || usedBackends(backends).length > 0)
      return clear(`${name} has ${ready.length} ready endpoints`);
    const selector = object.spec.selector ?? {};
    const why =
      Object.keys(selector).length === 0
        ? 'nobody has written an EndpointSlice for it'
        : pods.length === 0
          ? `no Pod has the labels ${selectorText(selector)}`
          : `${pods.filter(isReady).length} of its ${pods.length} ${pods.length === 1 ? 'Pod' : 'Pods'} ${pods.length === 1 ? 'is' : 'are'} Ready`;
    return faults(
      [
        {
          subject: { kind: 'Service', namespace, name },
          summary: `${name} is headless and has no ready endpoint (${why}), so DNS rightly says that its name does not exist.`,
          confidence: 'proven',
          blocks: flow.byAddress ? null : 'name',
          evidence: [
            seen('service', 'spec.clusterIP: None'),
            seen(
              'endpoints',
              `0 of ${listed.length} endpoints ready, ${pods.length} ${pods.length === 1 ? 'Pod' : 'Pods'} selected`,
            ),
            ...(nameLookup === null
              ? []
              : [{ vantage: 'source' as const, command: nameLookup.command, saw: sawDns(nameLookup.outcome) }]),
          ],
          fix: [
            {
              say:
                pods.length === 0
                  ? 'Compare its selector with the labels of the Pods'
                  : 'See why its Pods are not Ready',
              run:
                pods.length === 0
                  ? `kubectl -n ${namespace} get pods --show-labels`
                  : `kubectl -n ${namespace} describe pods -l ${selectorText(selector)}`,
            },
            {
              say: 'Only where Pods must find each other before they are Ready (peers of a database): publish them all the same',
              run: `kubectl -n ${namespace} patch service ${name} -p '{"spec":{"publishNotReadyAddresses":true}}'`,
            },
          ],
        },
      ],
      '',
    );
  },
});

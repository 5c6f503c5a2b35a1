import { works } from '../../derive/connects.ts';
import { portName, protocolOf } from '../../derive/service-port.ts';
import { viewService } from '../../derive/service-view.ts';
import type { SliceSnapshot } from '../../evidence/snapshots.ts';
import { clear, defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { failureWords, showConnect, someNames, triedBackends } from '../support/backends.ts';

const OWNER_LABEL = 'kubernetes.io/service-name';

export default defineRule({
  id: 'selectorless-endpoints-wrong',
  rung: 'E',
  title: 'The hand-made endpoints of the Service are wrong',
  needs: ['service', 'endpoints'],
  uses: ['backendConnects'],
  lookAlikes: ['selector-mismatch', 'endpointslice-stale', 'underlay-blocked'],
  explains: ['underlay-blocked', 'node-down', 'targetport-wrong'],
  judge({ service, endpoints, backendConnects }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    if (view.selector !== null) return notApplicable('the Service has a selector: a controller writes its endpoints');
    const { name, namespace = '' } = view.ref;
    const fault = (
      summary: string,
      more: Pick<Fault, 'confidence' | 'blocks' | 'evidence' | 'fix'> & Partial<Fault>,
    ): Fault => ({ subject: view.ref, summary, ...more });
    const noSelector = seen('service', 'spec.selector: none');

    if (view.backends.length === 0) {
      const near = (endpoints.loose ?? []).find((slice) => couldBe(slice, name));
      const empty = endpoints.slices[0]?.metadata.name;
      return faults(
        [
          fault(
            `Service ${name} has no selector, and ${empty === undefined ? 'no EndpointSlice belongs to it' : `its EndpointSlice ${empty} is empty`}${near === undefined ? '' : `: EndpointSlice ${near.metadata.name} lacks the label ${OWNER_LABEL}=${name}`}.`,
            {
              confidence: 'proven',
              blocks: 'service',
              evidence: [
                noSelector,
                seen('endpoints', empty === undefined ? 'No resources found' : `${empty}: no endpoints`),
                ...(near === undefined
                  ? []
                  : [
                      {
                        vantage: 'api' as const,
                        command: `kubectl -n ${namespace} get endpointslice ${near.metadata.name} --show-labels`,
                        saw: `${near.metadata.name}: ${addressesIn(near).join(', ')}, without that label`,
                      },
                    ]),
              ],
              fix: [
                near === undefined
                  ? {
                      say: `Give the Service a selector, or write an EndpointSlice with the label ${OWNER_LABEL}=${name}`,
                      run: `kubectl -n ${namespace} get endpointslices --show-labels`,
                    }
                  : {
                      say: 'Say whose slice it is',
                      run: `kubectl -n ${namespace} label endpointslice ${near.metadata.name} ${OWNER_LABEL}=${name}`,
                    },
              ],
            },
          ),
        ],
        '',
      );
    }

    if (view.backends.every((backend) => backend.port === null)) {
      const [slice] = endpoints.slices;
      const wants = `${view.port.name ?? ''}/${protocolOf(view.port)}`;
      const has = endpoints.slices.flatMap((candidate) =>
        (candidate.ports ?? []).map(
          (port) => `${port.name ?? ''}/${protocolOf({ protocol: port.protocol })} ${port.port ?? ''}`,
        ),
      );
      return faults(
        [
          fault(
            `Service ${name} has no selector, and no port of its EndpointSlice ${slice?.metadata.name} has name and protocol of port ${portName(view.port)}: a slice belongs to a port by its name.`,
            {
              confidence: 'proven',
              blocks: 'service',
              compare: {
                title: `Port ${portName(view.port)} of Service ${name}, and the ports of ${slice?.metadata.name}`,
                rows: [
                  {
                    what: 'name',
                    needs: view.port.name ?? '(no name)',
                    has: sliceWords(endpoints.slices, (port) => port.name ?? '') || '(no name)',
                    ok: has.some((item) => item.startsWith(`${view.port.name ?? ''}/`)),
                  },
                  {
                    what: 'protocol',
                    needs: protocolOf(view.port),
                    has: sliceWords(endpoints.slices, (port) => protocolOf({ protocol: port.protocol })) || '(no port)',
                    ok: has.some((item) => item.includes(`/${protocolOf(view.port)} `)),
                  },
                ],
              },
              evidence: [
                noSelector,
                seen('service', `port name and protocol: ${wants}`),
                seen('endpoints', `${slice?.metadata.name}: ports ${has.join(', ') || 'none'}`),
              ],
              fix: [
                {
                  say: 'Give the port of the slice the name that the Service’s port has',
                  run: `kubectl -n ${namespace} edit endpointslice ${slice?.metadata.name}`,
                },
              ],
            },
          ),
        ],
        '',
      );
    }

    const tried = triedBackends(view.used, backendConnects);
    const failing = tried.filter(({ reading }) => !works(reading));
    const [first] = failing;
    if (first === undefined)
      return clear(
        tried.length === 0
          ? 'its hand-made endpoints were not tried'
          : `${tried.length} of ${tried.length} hand-made endpoints answer`,
      );
    const readings = failing.map(({ reading }) => reading);
    const places = readings.map(({ address, port }) =>
      address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    );
    // Silence may as well be the way there, a firewall or a policy: only an answer speaks about the address itself.
    const told = readings.every(({ outcome }) => outcome.kind === 'refused' || outcome.kind === 'host-unreachable');
    const slice = first.backend.slice;
    return faults(
      [
        fault(
          `Service ${name} has no selector; its hand-made EndpointSlice ${slice} points to ${someNames(places)}, which ${failureWords(readings)}.`,
          {
            confidence: told ? 'likely' : 'possible',
            blocks: 'path',
            addresses: readings.map(({ address }) => address),
            evidence: [
              noSelector,
              seen('endpoints', `${slice}: ${places.join(', ')}, managed by ${managerOf(endpoints.slices, slice)}`),
              ...readings.slice(0, 3).map(showConnect),
            ],
            ...(told ? {} : { notRuledOut: [{ id: 'egress-filtered', needs: 'the same connection from the node' }] }),
            fix: [
              {
                say: 'Correct the addresses and ports of the slice',
                run: `kubectl -n ${namespace} edit endpointslice ${slice}`,
              },
            ],
          },
        ),
      ],
      '',
    );
  },
});

/** A slice without owner whose name says whom it was meant for. */
function couldBe(slice: SliceSnapshot, service: string): boolean {
  const { name } = slice.metadata;
  return (name === service || name.startsWith(`${service}-`)) && addressesIn(slice).length > 0;
}

function addressesIn(slice: SliceSnapshot): readonly string[] {
  return (slice.endpoints ?? []).flatMap(({ addresses }) => addresses);
}

function managerOf(slices: readonly SliceSnapshot[], name: string): string {
  const labels = slices.find((slice) => slice.metadata.name === name)?.metadata.labels ?? {};
  return labels['endpointslice.kubernetes.io/managed-by'] ?? 'nobody in particular';
}

type SlicePort = NonNullable<SliceSnapshot['ports']>[number];

function sliceWords(slices: readonly SliceSnapshot[], word: (port: SlicePort) => string): string {
  return [...new Set(slices.flatMap((slice) => (slice.ports ?? []).map(word)))].join(', ');
}

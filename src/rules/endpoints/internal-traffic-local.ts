import { works } from '../../derive/connects.ts';
import { clientPlace, routedBackends } from '../../derive/routing.ts';
import { viewService } from '../../derive/service-view.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { showConnect, someNames } from '../support/backends.ts';

export default defineRule({
  id: 'internal-traffic-local',
  rung: 'E',
  title: 'The Service serves only clients beside its own Pods',
  needs: ['service', 'endpoints', 'sourcePod'],
  uses: ['serviceConnects', 'backendConnects'],
  lookAlikes: ['kube-proxy-down', 'netpol-default-deny-ingress', 'netpol-default-deny-egress'],
  explains: ['kube-proxy-down'],
  judge({ service, endpoints, sourcePod, serviceConnects, backendConnects }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    if (view.service.spec.internalTrafficPolicy !== 'Local')
      return clear(`Service ${view.ref.name} sends to backends on every node`);
    const { node } = clientPlace(found(sourcePod), []);
    if (node === null) return notApplicable('the source Pod is on no node');
    const { backends } = routedBackends(view.used, view.service, { node, zone: null });
    if (backends.length > 0) return clear(`${someNames(backends.map(nameOf))} on ${node} can answer`);
    if (view.used.length === 0) return clear('no node has a backend in use');
    const nodes = [...new Set(view.used.map((backend) => backend.node ?? 'an unknown node'))];
    const tried = serviceConnects?.find((reading) => !works(reading));
    const direct = backendConnects?.find(works);
    const namespace = view.ref.namespace ?? '';
    return faults(
      [
        {
          subject: view.ref,
          summary: `Service ${view.ref.name} has internalTrafficPolicy Local, and no ready backend runs on ${node}, where ${flow.source.name} is: its packets are dropped there, although ${view.used.length === 1 ? '1 backend is' : `${view.used.length} backends are`} ready on ${someNames(nodes)}.`,
          confidence: 'proven',
          blocks: 'service',
          compare: {
            title: `A backend of ${view.ref.name} on the node of ${flow.source.name}`,
            rows: [{ what: 'node', needs: node, has: nodes.join(', '), ok: false }],
          },
          evidence: [
            seen('service', 'spec.internalTrafficPolicy: Local'),
            seen(
              'endpoints',
              `ready: ${view.used.map((backend) => `${nameOf(backend)} on ${backend.node ?? '?'}`).join(', ')}`,
            ),
            seen('sourcePod', `spec.nodeName: ${node}`),
            ...(tried === undefined ? [] : [showConnect(tried)]),
            ...(direct === undefined ? [] : [showConnect(direct)]),
          ],
          ruledOut: [
            ...(direct === undefined
              ? []
              : [
                  {
                    id: 'netpol-default-deny-ingress',
                    because: `${direct.owner.name} answers when it is asked directly`,
                  },
                ]),
          ],
          fix: [
            {
              say: 'Let clients on every node in',
              run: `kubectl -n ${namespace} patch service ${view.ref.name} -p '{"spec":{"internalTrafficPolicy":"Cluster"}}'`,
            },
            { say: `Or run a backend on ${node} too, as a DaemonSet does` },
          ],
        },
      ],
      '',
    );
  },
});

function nameOf(backend: { readonly podName: string | null; readonly address: string }): string {
  return backend.podName ?? backend.address;
}

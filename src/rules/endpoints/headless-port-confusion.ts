import { backendsOf, isHeadless } from '../../derive/backends.ts';
import { isReset, works } from '../../derive/connects.ts';
import { askedPort, portName } from '../../derive/service-port.ts';
import { viewService } from '../../derive/service-view.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { showConnect, triedBackends } from '../support/backends.ts';

export default defineRule({
  id: 'headless-port-confusion',
  rung: 'E',
  title: 'Nothing translates the port of a headless Service',
  needs: ['service', 'endpoints'],
  uses: ['backendConnects', 'otherPorts'],
  lookAlikes: ['targetport-wrong', 'app-loopback-only'],
  explains: ['app-loopback-only', 'targetport-wrong'],
  judge({ service, endpoints, backendConnects, otherPorts }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || !isHeadless(view.service)) return notApplicable('no headless Service on this path');
    const asked = askedPort(flow);
    if (typeof asked !== 'number') return notApplicable('no port was asked for: the Pods’ own was tried');
    const { name } = view.ref;
    const numbered = backendsOf(endpoints.slices, endpoints.selected, view.port).flatMap(({ port }) => port ?? []);
    const [target] = numbered;
    if (target === undefined || numbered.includes(asked)) return clear(`${asked} is the Pods' own port`);
    const tried = triedBackends(view.used, backendConnects);
    const refused = tried.filter(({ reading }) => isReset(reading));
    // Something else may listen there, and then it is what the client wants.
    if (tried.some(({ reading }) => works(reading))) return clear(`the Pods answer on port ${asked}`);
    if (backendConnects !== null && refused.length === 0) return clear('no Pod refuses the connection');
    const answering = (otherPorts ?? []).find(
      (reading) => reading.port === target && reading.outcome.kind === 'connected',
    );
    const namespace = view.ref.namespace ?? '';
    const isPublished = view.port.port === asked;
    return faults(
      [
        {
          subject: view.ref,
          summary: `Service ${name} is headless, so nothing translates ports: ${flow.source.name} connects to port ${asked} of the Pods themselves, which serve ${isPublished ? `${name}'s port ${portName(view.port)}` : name} on ${target}.`,
          confidence: answering !== undefined ? 'proven' : refused.length > 0 ? 'likely' : 'possible',
          blocks: 'path',
          ...(refused.length === 0 ? {} : { addresses: refused.map(({ reading }) => reading.address) }),
          compare: {
            title: `The port ${flow.source.name} uses, and the one of the Pods behind ${name}`,
            rows: [{ what: 'port', needs: String(asked), has: String(target), ok: false }],
          },
          evidence: [
            seen(
              'service',
              `clusterIP: None, port ${view.port.port}, targetPort ${view.port.targetPort ?? view.port.port}`,
            ),
            ...refused.slice(0, 3).map(({ reading }) => showConnect(reading)),
            ...(answering === undefined ? [] : [showConnect(answering)]),
          ],
          fix: [
            {
              say: `Use port ${target} in the configuration of ${flow.source.name}`,
              run: `kubectl netdebug -n ${flow.source.namespace} ${flow.source.name} ${name}.${namespace}:${target}`,
            },
            {
              say: `Or put a Service with an address of its own in front of the same Pods: it translates ${view.port.port} to ${target}`,
            },
          ],
        },
      ],
      '',
    );
  },
});

import { isHeadless } from '../../derive/backends.ts';
import { askedProtocol, portName, portsOfOtherProtocol, protocolOf } from '../../derive/service-port.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { showConnect } from '../support/backends.ts';

export default defineRule({
  id: 'protocol-mismatch',
  rung: 'E',
  title: 'The Service publishes this port for another protocol',
  needs: ['service'],
  uses: ['serviceConnects'],
  lookAlikes: ['vip-or-port-undefined', 'targetport-wrong', 'kube-proxy-down'],
  explains: ['kube-proxy-down'],
  judge({ service, serviceConnects }, { flow, seen }) {
    const object = found(service);
    if (object === null) return notApplicable('the Service does not exist');
    if (isHeadless(object) || object.spec.type === 'ExternalName')
      return notApplicable('this Service has no address of its own');
    const protocol = askedProtocol(flow);
    if (protocol === null) return notApplicable('the protocol is left to the Service');
    const [port] = portsOfOtherProtocol(object, flow);
    if (port === undefined) return clear(`no port of ${object.metadata.name} differs by its protocol alone`);
    const other = protocolOf(port);
    const tried = serviceConnects?.find((reading) => reading.outcome.kind !== 'connected');
    const namespace = object.metadata.namespace ?? '';
    const added = {
      name: `${port.name === undefined || port.name === '' ? 'main' : port.name}-${protocol.toLowerCase()}`.slice(-15),
      port: port.port,
      protocol,
      ...(port.targetPort === undefined ? {} : { targetPort: port.targetPort }),
    };
    const index = (object.spec.ports ?? []).indexOf(port);
    // A second port needs names on both; a Service with one port often has none.
    const patch =
      port.name === undefined || port.name === ''
        ? [{ op: 'replace', path: `/spec/ports/${index}/protocol`, value: protocol }]
        : [{ op: 'add', path: '/spec/ports/-', value: added }];
    return faults(
      [
        {
          subject: { kind: 'Service', namespace, name: object.metadata.name },
          summary: `Service ${object.metadata.name} publishes port ${portName(port)} for ${other}, but ${flow.source.name} connects with ${protocol}.`,
          confidence: 'proven',
          blocks: 'service',
          compare: {
            title: `A port of Service ${object.metadata.name}, and what ${flow.source.name} uses`,
            rows: [
              { what: 'port', needs: String(flow.port ?? port.port), has: portName(port), ok: true },
              { what: 'protocol', needs: protocol, has: other, ok: false },
            ],
          },
          evidence: [
            seen('service', `spec.ports[${index}]: port ${port.port}, protocol ${other}`),
            ...(tried === undefined ? [] : [showConnect(tried)]),
          ],
          fix: [
            {
              say:
                port.name === undefined || port.name === ''
                  ? `Publish it for ${protocol} instead of ${other}`
                  : `Publish it for ${protocol} as well`,
              run: `kubectl -n ${namespace} patch service ${object.metadata.name} --type=json -p '${JSON.stringify(patch)}'`,
            },
          ],
        },
      ],
      '',
    );
  },
});

import { isHeadless } from '../../derive/backends.ts';
import { sawConnect } from '../../derive/connects.ts';
import { chooseServicePort, portName, portsOfOtherProtocol, protocolOf } from '../../derive/service-port.ts';
import { found } from '../../evidence/collected.ts';
import type { ServicePort } from '../../evidence/snapshots.ts';
import { inCidr } from '../../netpol/cidr.ts';
import { clear, defineRule, faults, notApplicable, unsure } from '../rule.ts';

export default defineRule({
  id: 'vip-or-port-undefined',
  rung: 'E',
  title: 'The Service does not publish this address or port',
  needs: [],
  uses: ['service', 'otherServices', 'serviceCidrs', 'serviceConnects', 'backendConnects', 'endpoints'],
  lookAlikes: ['kube-proxy-down', 'targetport-wrong'],
  explains: [],
  judge({ service, otherServices, serviceCidrs, serviceConnects, backendConnects, endpoints }, { flow, seen }) {
    const to = flow.destination;
    if (to.kind === 'Address') {
      if (otherServices === null) return unsure('api', 'Services could not be listed, so one may own the address');
      if (serviceCidrs === null) return unsure('api', 'the ranges of Service addresses could not be read');
      const range = serviceCidrs.find((cidr) => inCidr(to.address, cidr));
      if (range === undefined) return clear(`${to.address} is in no range of Service addresses`);
      const tried = backendConnects?.find((reading) => reading.address === to.address);
      return faults(
        [
          {
            subject: { kind: 'Address', name: to.address },
            summary: `No Service owns ${to.address}, although it lies in the range of Service addresses ${range}: ${flow.source.name} uses an address that was given away or never given.`,
            confidence: 'proven',
            blocks: 'service',
            evidence: [
              {
                vantage: 'api',
                command: `kubectl get services -A --field-selector spec.clusterIP=${to.address}`,
                saw: 'No resources found',
              },
              ...(tried === undefined
                ? []
                : [{ vantage: 'source' as const, command: tried.command, saw: sawConnect(tried) }]),
            ],
            fix: [
              {
                say: `Let ${flow.source.name} use the Service's name instead of an address`,
                run: 'kubectl get services -A',
              },
            ],
          },
        ],
        '',
      );
    }
    const object = found(service);
    if (object === null) return notApplicable('the Service does not exist');
    if (isHeadless(object) || object.spec.type === 'ExternalName')
      return notApplicable('this Service has no address of its own');
    const choice = chooseServicePort(object, flow);
    if (choice.kind === 'chosen') return clear(`${object.metadata.name} publishes port ${portName(choice.port)}`);
    const [other] = portsOfOtherProtocol(object, flow);
    if (other !== undefined)
      return clear(`${object.metadata.name} publishes port ${portName(other)}, for ${protocolOf(other)}`);
    const published = choice.kind === 'undefined' ? choice.published : [];
    const asked = choice.kind === 'undefined' ? String(choice.asked) : 'any';
    // A targetPort that is a name gets its number in the slices.
    const isTargeted = (port: ServicePort): boolean =>
      String(port.targetPort ?? '') === asked ||
      (endpoints?.slices ?? []).some((slice) =>
        (slice.ports ?? []).some(
          (numbered) => (numbered.name ?? '') === (port.name ?? '') && String(numbered.port) === asked,
        ),
      );
    const meant = published.find(isTargeted) ?? (published.length === 1 ? published[0] : undefined);
    const tried = serviceConnects?.find((reading) => reading.outcome.kind !== 'connected');
    const list =
      published
        .map((port) => `${protocolOf(port) === 'TCP' ? '' : `${protocolOf(port)} `}${portName(port)}`)
        .join(', ') || 'no port';
    const isPodPort = meant !== undefined && isTargeted(meant);
    const namespace = object.metadata.namespace ?? '';
    return faults(
      [
        {
          subject: { kind: 'Service', namespace, name: object.metadata.name },
          summary: `Service ${object.metadata.name} publishes ${list}, but ${flow.source.name} uses ${asked}${isPodPort ? ", which is the Pods' own port" : ''}.`,
          confidence: 'proven',
          blocks: 'service',
          evidence: [
            seen('service', `spec.ports: ${list}`),
            ...(tried === undefined
              ? []
              : [{ vantage: 'source' as const, command: tried.command, saw: sawConnect(tried) }]),
          ],
          fix: [
            ...(meant === undefined
              ? [
                  {
                    say: `Use a port that ${object.metadata.name} publishes`,
                    run: `kubectl -n ${namespace} get service ${object.metadata.name}`,
                  },
                ]
              : [
                  {
                    say: `Use port ${meant.port} in the configuration of ${flow.source.name}`,
                    run: `kubectl netdebug -n ${flow.source.namespace} ${flow.source.name} ${object.metadata.name}.${namespace}:${meant.port}`,
                  },
                ]),
          ],
        },
      ],
      '',
    );
  },
});

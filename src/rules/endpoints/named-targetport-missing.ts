import { targetPortOn } from '../../derive/backends.ts';
import { declaredPorts } from '../../derive/pods.ts';
import { portName, protocolOf } from '../../derive/service-port.ts';
import { viewService } from '../../derive/service-view.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';

export default defineRule({
  id: 'named-targetport-missing',
  rung: 'E',
  title: 'No container port has the name the Service targets',
  needs: ['service', 'endpoints'],
  uses: [],
  lookAlikes: ['selector-mismatch', 'targetport-wrong', 'readiness-failing'],
  explains: [],
  judge({ service, endpoints }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null) return notApplicable('no Service port on this path');
    const target = view.port.targetPort;
    if (typeof target !== 'string') return clear('the targetPort is a number');
    const lacking = view.pods.filter((pod) => targetPortOn(pod, view.port) === null);
    const [first] = lacking;
    if (first === undefined) return clear(`every selected Pod has a port named ${target}`);
    const all = lacking.length === view.pods.length;
    const some = all
      ? `none of its ${view.pods.length} Pods has one`
      : `${lacking.length} of its ${view.pods.length} Pods ${lacking.length === 1 ? 'lacks' : 'lack'} one`;
    const who =
      view.pods.length === 1
        ? 'its only Pod has none: it defines'
        : `${some}: ${lacking.length === 1 ? 'it defines' : 'they define'}`;
    const names = [
      ...new Set(
        lacking
          .flatMap(declaredPorts)
          .map((port) => `${port.name ?? 'unnamed'} (${protocolOf(port)} ${port.containerPort})`),
      ),
    ];
    const candidate = declaredPorts(first).find((port) => protocolOf(port) === protocolOf(view.port));
    const index = (view.service.spec.ports ?? []).indexOf(view.port);
    return faults(
      [
        {
          subject: view.ref,
          summary: `Port ${portName(view.port)} of Service ${view.ref.name} targets the ${protocolOf(view.port)} port named ${target}, and ${who} ${names.join(', ') || 'no ports'}.`,
          confidence: 'proven',
          blocks: view.used.length === 0 ? 'service' : null,
          evidence: [
            seen('service', `spec.ports[${index}].targetPort: ${target}`),
            seen(
              'endpoints',
              `${view.backends.length} addresses, ${view.backends.filter((backend) => backend.port === null).length} of them without a number for this port`,
            ),
            {
              vantage: 'api',
              command: `kubectl -n ${view.ref.namespace} get pod ${first.metadata.name} -o jsonpath='{.spec.containers[*].ports}'`,
              saw: names.join(', ') || 'no ports declared',
            },
          ],
          fix:
            candidate === undefined
              ? [
                  {
                    say: `Name the port ${target} in the Pod template, or use its number in the Service`,
                    run: `kubectl -n ${view.ref.namespace} edit service ${view.ref.name}`,
                  },
                ]
              : [
                  {
                    say: `Target ${candidate.name === undefined ? `port ${candidate.containerPort}` : `the name ${candidate.name}`}`,
                    run: `kubectl -n ${view.ref.namespace} patch service ${view.ref.name} --type=json -p '[{"op":"replace","path":"/spec/ports/${index}/targetPort","value":${JSON.stringify(candidate.name ?? candidate.containerPort)}}]'`,
                  },
                ],
        },
      ],
      '',
    );
  },
});

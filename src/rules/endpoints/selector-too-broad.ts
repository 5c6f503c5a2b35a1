import { works } from '../../derive/connects.ts';
import { declaredPorts, ownerOf } from '../../derive/pods.ts';
import { protocolOf } from '../../derive/service-port.ts';
import { viewService } from '../../derive/service-view.ts';
import type { PodSnapshot } from '../../evidence/snapshots.ts';
import { describe } from '../../ladder/flow.ts';
import { stableLabels } from '../../netpol/fix.ts';
import { selectorText } from '../../netpol/selector.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { FAULTS_OF_ONE_BACKEND, failureWords, showConnect, triedBackends } from '../support/backends.ts';

export default defineRule({
  id: 'selector-too-broad',
  rung: 'E',
  title: 'The Service also selects Pods of something else',
  needs: ['service', 'endpoints', 'backendConnects'],
  uses: [],
  lookAlikes: ['endpointslice-foreign', 'session-affinity-pinned', 'app-loopback-only'],
  explains: FAULTS_OF_ONE_BACKEND,
  judge({ service, endpoints, backendConnects }, { flow, seen }) {
    const view = viewService(service, endpoints, flow);
    if (view === null || view.selector === null) return notApplicable('no Service with a selector on this path');
    const tried = triedBackends(view.used, backendConnects).flatMap(({ backend, reading }) =>
      backend.pod === null ? [] : [{ pod: backend.pod, reading }],
    );
    const groups = new Map<string, { pod: PodSnapshot; reading: (typeof tried)[number]['reading'] }[]>();
    for (const one of tried) {
      const key = ownerName(one.pod);
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    if (groups.size < 2) return clear(`all tried backends are Pods of ${[...groups.keys()][0] ?? 'nobody'}`);
    const good = [...groups].filter(([, members]) => members.every(({ reading }) => works(reading)));
    const bad = [...groups].filter(([, members]) => members.every(({ reading }) => !works(reading)));
    const [[goodName, goodMembers] = ['', []]] = good;
    const [[badName, badMembers] = ['', []]] = bad;
    const [sample] = badMembers;
    const [model] = goodMembers;
    // Failures that do not line up with owners have a reason of their own.
    if (sample === undefined || model === undefined || good.length + bad.length < groups.size || bad.length > 1)
      return clear('failures do not go with one owner');
    const port = sample.reading.port;
    const undeclared = declares(model.pod, port) && !declares(sample.pod, port);
    if (!undeclared && imagesOf(sample.pod) === imagesOf(model.pod))
      return clear(`${badName} runs what ${goodName} runs: it is a backend that fails`);
    const readings = badMembers.map(({ reading }) => reading);
    const count = badMembers.length;
    const namespace = view.ref.namespace ?? '';
    const telling = Object.entries(stableLabels(model.pod.metadata.labels)).find(
      ([key, value]) => sample.pod.metadata.labels?.[key] !== value,
    );
    return faults(
      [
        {
          subject: view.ref,
          summary: `Service ${view.ref.name} also selects ${count === 1 ? '1 Pod' : `${count} Pods`} of ${badName}, which ${failureWords(readings)} on port ${port}: ${count} of ${tried.length} backends fail, all those of ${goodName} answer.`,
          confidence: undeclared ? 'proven' : 'likely',
          blocks: 'path',
          addresses: readings.map(({ address }) => address),
          evidence: [
            seen('service', `spec.selector: ${selectorText(view.selector)}`),
            {
              vantage: 'api',
              command: `kubectl -n ${namespace} get pods -l ${selectorText(view.selector)} -o wide`,
              saw: `${goodMembers.length} of ${goodName}, ${count} of ${badName}`,
            },
            ...(undeclared
              ? [
                  {
                    vantage: 'api' as const,
                    command: `kubectl -n ${namespace} get pod ${sample.pod.metadata.name} -o yaml`,
                    saw: `${sample.pod.metadata.name} declares no port ${port}, ${model.pod.metadata.name} does`,
                  },
                ]
              : []),
            ...readings.slice(0, 3).map(showConnect),
            showConnect(model.reading),
          ],
          ruledOut: [
            { id: 'endpointslice-foreign', because: `the selector matches ${sample.pod.metadata.name} itself` },
          ],
          fix: [
            telling === undefined
              ? {
                  say: `Give the Pods of ${goodName} a label of their own, and select that as well`,
                  run: `kubectl -n ${namespace} get pods -l ${selectorText(view.selector)} --show-labels`,
                }
              : {
                  say: `Select ${telling[0]}=${telling[1]} as well`,
                  run: `kubectl -n ${namespace} patch service ${view.ref.name} -p '${JSON.stringify({ spec: { selector: { [telling[0]]: telling[1] } } })}'`,
                },
          ],
        },
      ],
      '',
    );
  },
});

/** `Deployment api`; Pods that nobody owns go together by what they run. */
function ownerName(pod: PodSnapshot): string {
  const owner = ownerOf(pod);
  return owner === null ? `no workload (${imagesOf(pod)})` : describe({ kind: owner.kind, name: owner.name });
}

function imagesOf(pod: PodSnapshot): string {
  return pod.spec.containers.map(({ image }) => image ?? '?').join(' ');
}

function declares(pod: PodSnapshot, port: number): boolean {
  return declaredPorts(pod).some((declared) => declared.containerPort === port && protocolOf(declared) === 'TCP');
}

import rule from '../../../src/rules/endpoints/selector-too-broad.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiC,
  connect,
  endpointsOf,
  type PodOptions,
  pod,
  reset,
  SILENT,
  world,
} from '../../support/world.ts';

const nightly = (more: Partial<PodOptions> = {}) =>
  pod({
    name: 'nightly-1',
    node: 'n3',
    ip: '10.244.3.40',
    labels: { app: 'api', 'pod-template-hash': '9f' },
    owner: { kind: 'ReplicaSet', name: 'nightly-9f' },
    ...more,
  });
const foreign = nightly();
const refused = reset('10.244.3.40');

ruleCases(rule, {
  fires: [
    {
      when: 'a Pod of another Deployment has no such port',
      world: world({
        endpoints: endpointsOf([...API_PODS, foreign]),
        backendConnects: [...API_PODS.map((one) => connect(one)), connect(foreign, refused)],
      }),
      says: 'Service api also selects 1 Pod of Deployment nightly, which refuses connections on port 8080: 1 of 4 backends fail, all those of Deployment api answer.',
      subject: 'Service shop/api',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.40'],
      saw: [
        'spec.selector: app=api',
        '3 of Deployment api, 1 of Deployment nightly',
        'nightly-1 declares no port 8080, api-a does',
      ],
      run: ['kubectl -n shop get pods -l app=api --show-labels'],
    },
    {
      when: 'it runs another image, and a label tells the two apart',
      world: world({
        endpoints: endpointsOf([
          pod({ ...podOf('a'), labels: { app: 'api', tier: 'web', 'pod-template-hash': '7d4f9c6b5d' } }),
          nightly({
            spec: {
              containers: [{ name: 'app', image: 'registry.example/batch:2', ports: [{ containerPort: 8080 }] }],
            },
          }),
        ]),
        backendConnects: [connect(apiA), connect(foreign, SILENT)],
      }),
      says: 'Service api also selects 1 Pod of Deployment nightly, which does not answer on port 8080: 1 of 2 backends fail, all those of Deployment api answer.',
      subject: 'Service shop/api',
      confidence: 'likely',
      blocks: 'path',
      addresses: ['10.244.3.40'],
      run: [`kubectl -n shop patch service api -p '{"spec":{"selector":{"tier":"web"}}}'`],
    },
  ],
  silent: [
    {
      when: 'one of three Pods of the same Deployment refuses',
      world: world({ backendConnects: [connect(apiA), connect(apiB), connect(apiC, reset('10.244.3.11'))] }),
      outcome: 'clear',
      because: 'all tried backends are Pods of Deployment api',
    },
    {
      when: 'a canary answers',
      world: world({
        endpoints: endpointsOf([...API_PODS, foreign]),
        backendConnects: [...API_PODS, foreign].map((one) => connect(one)),
      }),
      outcome: 'clear',
      because: 'failures do not go with one owner',
    },
    {
      when: 'a canary of the same image fails',
      world: world({
        endpoints: endpointsOf([...API_PODS, nightly({ ports: [{ containerPort: 8080 }] })]),
        backendConnects: [...API_PODS.map((one) => connect(one)), connect(foreign, refused)],
      }),
      outcome: 'clear',
      because: 'Deployment nightly runs what Deployment api runs: it is a backend that fails',
    },
    {
      when: 'all refuse',
      world: world({
        endpoints: endpointsOf([apiA, foreign]),
        backendConnects: [connect(apiA, reset('10.244.1.11')), connect(foreign, refused)],
      }),
      outcome: 'clear',
    },
    {
      when: 'both owners have a Pod that fails',
      world: world({
        endpoints: endpointsOf([apiA, apiB, foreign]),
        backendConnects: [connect(apiA), connect(apiB, SILENT), connect(foreign, refused)],
      }),
      outcome: 'clear',
    },
  ],
});

function podOf(letter: 'a'): PodOptions {
  return {
    name: `api-${letter}`,
    node: 'n1',
    ip: '10.244.1.11',
    owner: { kind: 'ReplicaSet', name: 'api-7d4f9c6b5d' },
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  };
}

// Thirty objects that have nothing to do with any case, as a namespace has them that people work in.
import { SHOP } from './base.ts';
import { type KubeObject, type Lab, MADE_FOR } from './lab.ts';
import { app, policy, service } from './objects.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const services = numbers(13).map((number) =>
  service(SHOP, `other-${number}`, { app: `other-${number}` }, [
    { name: 'http', port: 80, targetPort: 'http' },
    { name: 'metrics', port: 9090, targetPort: 9090 },
  ]),
);

/** They deny everything to Pods that are not there. */
const policies = numbers(13).map((number) =>
  policy(SHOP, `other-${number}`, {
    podSelector: { matchLabels: { app: `other-${number}` } },
    policyTypes: number % 2 === 0 ? ['Ingress'] : ['Ingress', 'Egress'],
  }),
);

const jobs = numbers(4).map(
  (number): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `other-${number}`, namespace: SHOP },
    spec: {
      template: {
        metadata: { labels: { app: `other-${number}` } },
        spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [app({ command: ['true'] })] },
      },
    },
  }),
);

export const CLUTTER: readonly KubeObject[] = [...services, ...policies, ...jobs];

/** Puts them there, again if a repair of the shop swept them away. */
export async function clutter(lab: Lab): Promise<void> {
  const there = await lab.kubectl(
    'get',
    'services,networkpolicies,jobs',
    ...['-n', SHOP, '-l', `${MADE_FOR}=clutter`, '-o', 'name'],
  );
  if (there.split('\n').filter(Boolean).length === CLUTTER.length) return;
  await lab.apply([...CLUTTER], 'clutter');
  await lab.ready(jobs);
}

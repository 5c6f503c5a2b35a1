// `orders`: three Pods whose server is a child of a shell, so that one of them can be changed in place without a restart that Kubernetes would see.
import type { Backend } from './base.ts';
import { backends, FAR_NODE, oneBackend, SHOP } from './base.ts';
import type { Flow } from './define.ts';
import type { KubeObject, Lab } from './lab.ts';
import { app, deployment, service } from './objects.ts';
import { until } from './until.ts';

const serve =
  'mkdir -p /tmp/www; hostname > /tmp/www/index.html; echo 8080 > /tmp/listen; while :; do httpd -f -p "$(cat /tmp/listen)" -h /tmp/www; done';

/** Neither kind of readiness looks at the network, so a Pod that does not answer stays in the slice. */
export function orders(readiness: object = {}): KubeObject[] {
  return [
    deployment(SHOP, 'orders', { replicas: 3, container: app({ command: ['sh', '-c', serve], ...readiness }) }),
    service(SHOP, 'orders', { app: 'orders' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  ];
}

export const webToOrders: Flow = { namespace: SHOP, source: 'web', destination: 'orders', url: 'http://orders/' };

/** The same with a Service that holds each client to one backend. */
export const stickyOrders = (): KubeObject[] =>
  orders().map((object) =>
    object.kind === 'Service'
      ? { ...object, spec: { ...(object.spec as object), sessionAffinity: 'ClientIP' } }
      : object,
  );

/** The backend that web is held to: a Pod's name is its page. Until kube-proxy has heard of them, nobody answers. */
export async function heldBackend(lab: Lab): Promise<Backend> {
  const web = await lab.from(SHOP, 'web');
  return until('one of orders answers web', async () => {
    const answer = await web.run(['curl', '-s', '-m', '5', webToOrders.url]);
    return (await backends(lab, SHOP, 'orders')).find(({ name }) => name === answer.stdout.trim());
  });
}

export const oneOfOrders = (lab: Lab): Promise<Backend> => oneBackend(lab, SHOP, 'orders', lab.nodeName(FAR_NODE));

/** The server of one Pod listens somewhere else from now on. */
export async function listen(lab: Lab, pod: string, where: string): Promise<void> {
  await lab.exec(SHOP, pod, `echo ${where} > /tmp/listen; killall httpd`);
}

/** More clients than its accept queue holds. */
const CLIENTS = 14;

/** The server of one Pod accepts nothing from now on, and clients of web fill its accept queue. */
export async function flood(lab: Lab, pod: string, ip: string): Promise<void> {
  await lab.exec(SHOP, pod, 'killall -STOP httpd');
  const hold = `(sleep 600 | nc ${ip} 8080) >/dev/null 2>&1 &`;
  await lab.exec(SHOP, 'web', `for i in $(seq ${CLIENTS}); do ${hold} done; sleep 0.5`);
}

export async function unflood(lab: Lab, pod: string): Promise<void> {
  await lab.exec(SHOP, 'web', 'killall nc sleep; true');
  await lab.exec(SHOP, pod, 'killall -CONT httpd');
}

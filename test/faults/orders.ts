// `orders`: three Pods whose server is a child of a shell, so that one of them can be changed in place without a restart that Kubernetes would see.
import type { Backend } from './base.ts';
import { FAR_NODE, oneBackend, SHOP } from './base.ts';
import type { Flow } from './define.ts';
import type { KubeObject, Lab } from './lab.ts';
import { app, deployment, service } from './objects.ts';

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

export const oneOfOrders = (lab: Lab): Promise<Backend> => oneBackend(lab, SHOP, 'orders', lab.nodeName(FAR_NODE));

/** The server of one Pod listens somewhere else from now on. */
export async function listen(lab: Lab, pod: string, where: string): Promise<void> {
  await lab.exec(SHOP, pod, `echo ${where} > /tmp/listen; killall httpd`);
}

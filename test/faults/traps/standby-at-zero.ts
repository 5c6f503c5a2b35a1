import { endpoints, SHOP } from '../base.ts';
import { defineTrap } from '../define.ts';
import { app, deployment } from '../objects.ts';
import { stock, webToStock } from '../stock.ts';

/** Selected by the Service as well, for the day it takes over. */
const green = deployment(SHOP, 'stock-green', { replicas: 0, container: app() }) as ReturnType<typeof deployment> & {
  spec: { selector: { matchLabels: object }; template: { metadata: { labels: object } } };
};
const labels = { app: 'stock', color: 'green' };
green.spec.selector.matchLabels = labels;
green.spec.template.metadata.labels = labels;

export default defineTrap({
  name: 'standby-at-zero',
  about: 'stock-green stands by at 0 replicas, behind the same Service as the Pods that serve',
  objects: stock,
  flow: webToStock,
  makeOdd: (lab) => lab.apply([green], 'standby-at-zero'),
  async odd(lab) {
    const replicas = await lab.field('{.spec.replicas}', '-n', SHOP, 'deployment', 'stock-green');
    const found = await endpoints(lab, SHOP, 'stock');
    return {
      seen: replicas === '0' && found.ready === 2,
      saw: `stock-green: ${replicas || 'no'} replicas; ${found.saw}`,
    };
  },
  undo: (lab) => lab.delete([green]),
});

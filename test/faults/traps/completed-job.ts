import { endpoints, SHOP, webToApi } from '../base.ts';
import { defineTrap } from '../define.ts';
import type { KubeObject } from '../lab.ts';
import { app } from '../objects.ts';

const job: KubeObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'api-migrate', namespace: SHOP },
  spec: {
    template: {
      metadata: { labels: { app: 'api' } },
      spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [app({ command: ['true'] })] },
    },
  },
};

export default defineTrap({
  name: 'completed-job',
  about: 'the Pod of a finished Job carries the labels that api selects',
  flow: webToApi,
  async makeOdd(lab) {
    await lab.apply([job], 'completed-job');
    await lab.ready([job]);
  },
  async odd(lab) {
    const done = await lab.field(
      '{.items[?(@.status.phase=="Succeeded")].metadata.name}',
      '-n',
      SHOP,
      'pods',
      '-l',
      'app=api',
    );
    return { seen: done !== '', saw: `Succeeded: ${done || 'none'}; ${(await endpoints(lab, SHOP, 'api')).saw}` };
  },
  undo: (lab) => lab.delete([job]),
});

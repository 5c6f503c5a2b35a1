import { ask, describe, endpoints, SHOP, setTargetPort, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

export default defineFault({
  id: 'named-targetport-missing',
  about: 'api targets the port named “web”, its Pods only name “http”',
  flow: webToApi,
  breakIt: (lab) => setTargetPort(lab, 'web'),
  async witness(lab) {
    const found = await endpoints(lab, SHOP, 'api');
    const fetches = await ask(lab, webToApi);
    return {
      seen: found.all === 3 && found.ports === 0 && fetches[0]?.exit === 7,
      saw: `${found.saw}; ${describe(fetches)}`,
    };
  },
  undo: (lab) => setTargetPort(lab, 'http'),
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'api' }),
});

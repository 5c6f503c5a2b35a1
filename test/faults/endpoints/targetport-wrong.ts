import { allFailed, ask, backends, describe, endpoints, SHOP, setTargetPort, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

export default defineFault({
  id: 'targetport-wrong',
  about: 'api sends to port 8081, its Pods listen on 8080',
  flow: webToApi,
  matters: { proxyMode: true },
  breakIt: (lab) => setTargetPort(lab, 8081),
  async witness(lab) {
    const found = await endpoints(lab, SHOP, 'api');
    const web = await lab.from(SHOP, 'web');
    const pods = await backends(lab, SHOP, 'api');
    const direct = (await Promise.all(pods.map(({ ip }) => web.fetch(`http://${ip}:8080/`)))).flat();
    const target = (await Promise.all(pods.map(({ ip }) => web.fetch(`http://${ip}:8081/`)))).flat();
    const fetches = await ask(lab, webToApi, 3);
    return {
      seen:
        found.ready === 3 &&
        found.saw.includes('8081') &&
        fetches.every(({ exit }) => exit === 7) &&
        allFailed(target) &&
        direct.every(({ exit }) => exit === 0),
      saw: `${found.saw}; by name: ${describe(fetches)}; Pod IP:8081: ${target[0] && describe([target[0]])}; Pod IP:8080: ${describe(direct)}`,
    };
  },
  undo: (lab) => setTargetPort(lab, 'http'),
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'api' }),
});

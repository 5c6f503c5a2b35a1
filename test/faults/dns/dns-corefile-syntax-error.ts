import { ask, describe, SHOP, webToApi } from '../base.ts';
import { dnsLog, dnsPods, readCorefile, startWith, withLines } from '../corefile.ts';
import { defineFault } from '../define.ts';

export default defineFault<{ corefile: string }>({
  id: 'dns-corefile-syntax-error',
  about: 'somebody wrote foward for forward into the Corefile, and CoreDNS was started again since',
  flow: webToApi,
  patience: 40,
  choose: async (lab) => ({ corefile: await readCorefile(lab) }),
  breakIt: (lab, { corefile }) => startWith(lab, withLines(corefile, 'foward . 10.0.0.2'), false),
  async witness(lab) {
    const pods = await dnsPods(lab);
    const log = await dnsLog(lab);
    const answer = await (await lab.from(SHOP, 'web')).dig('api.shop.svc.cluster.local.');
    const fetches = await ask(lab, webToApi);
    const words = log.match(/Unknown directive '\w+'/)?.[0] ?? 'no complaint';
    return {
      seen:
        words === "Unknown directive 'foward'" &&
        pods.length === 2 &&
        pods.every(({ ready, reason }) => !ready && reason === 'CrashLoopBackOff') &&
        answer.startsWith('no answer'),
      saw: `${pods.map(({ name, reason }) => `${name} ${reason}`).join(', ')}; log: ${words}; dig: ${answer}; ${describe(fetches)}`,
    };
  },
  undo: (lab, { corefile }) => startWith(lab, corefile),
  subject: () => ({ kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' }),
});

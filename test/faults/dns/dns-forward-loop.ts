import { ask, describe, SHOP, webToApi } from '../base.ts';
import { dnsLog, dnsPods, forwardTo, readCorefile, startWith } from '../corefile.ts';
import { defineFault } from '../define.ts';

export default defineFault<{ corefile: string }>({
  id: 'dns-forward-loop',
  about: 'CoreDNS forwards to 127.0.0.1, which is itself; its loop plugin ends it',
  flow: webToApi,
  patience: 40,
  choose: async (lab) => ({ corefile: await readCorefile(lab) }),
  breakIt: (lab, { corefile }) => startWith(lab, forwardTo(corefile, '127.0.0.1'), false),
  async witness(lab) {
    const pods = await dnsPods(lab);
    const loop = (await dnsLog(lab)).match(/plugin\/loop: Loop .* detected/)?.[0] ?? 'no loop in the log';
    const answer = await (await lab.from(SHOP, 'web')).dig('api.shop.svc.cluster.local.');
    const fetches = await ask(lab, webToApi);
    return {
      seen:
        loop.includes('127.0.0.1') &&
        pods.length === 2 &&
        pods.every(({ ready, reason }) => !ready && reason === 'CrashLoopBackOff') &&
        answer.startsWith('no answer'),
      saw: `${pods.map(({ name, reason }) => `${name} ${reason}`).join(', ')}; ${loop}; dig: ${answer}; ${describe(fetches)}`,
    };
  },
  undo: (lab, { corefile }) => startWith(lab, corefile),
  subject: () => ({ kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' }),
});

import { endpoint, isSilent, sawConnect, works } from '../../derive/connects.ts';
import { addressesOf, podRef } from '../../derive/pods.ts';
import { viewService } from '../../derive/service-view.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { showConnect } from '../support/backends.ts';

export default defineRule({
  id: 'hairpin-off',
  rung: 'P',
  title: 'A Pod cannot reach itself through its own Service',
  needs: ['sourcePod', 'service', 'endpoints', 'serviceConnects', 'backendConnects'],
  uses: [],
  lookAlikes: [
    'session-affinity-pinned',
    'listen-overflow',
    'kube-proxy-stale',
    'proxy-rules-flushed',
    'kube-proxy-down',
  ],
  explains: [],
  judge({ sourcePod, service, endpoints, serviceConnects, backendConnects }, { flow }) {
    const pod = found(sourcePod);
    const view = viewService(service, endpoints, flow);
    if (pod === null || view === null) return notApplicable('no Service port on this path');
    const own = view.used.find(({ address }) => addressesOf(pod).includes(address));
    if (own === undefined) return notApplicable(`${flow.source.name} is no backend of this Service`);
    const lost = serviceConnects.filter(isSilent);
    const [sample] = lost;
    if (sample === undefined) return clear('the Service address answers its own backend');
    const tried = view.used.map(({ address }) => backendConnects.find((reading) => reading.address === address));
    if (tried.some((reading) => reading === undefined || !works(reading)))
      return clear('a backend fails when it is tried directly');
    // With other backends, those connections get through; where none does, the address itself is broken.
    if (view.used.length > 1 && lost.length === serviceConnects.length)
      return clear('the Service address answers in no case, also not from the other backends');
    const { name } = pod.metadata;
    const itself = backendConnects.find(({ address }) => address === own.address);
    const other = backendConnects.find(({ address }) => address !== own.address);
    const node = pod.spec.nodeName ?? 'its node';
    return faults(
      [
        {
          subject: podRef(pod),
          summary: `${name} is ${view.used.length === 1 ? 'the only backend' : 'a backend'} of Service ${view.ref.name} itself: ${lost.length} of ${serviceConnects.length} connections to the Service come back to it and are lost, since ${node} sends no packet back to where it came from (hairpin).`,
          confidence: 'likely',
          blocks: 'service',
          evidence: [
            {
              ...showConnect(sample),
              saw: `${showConnect(sample).saw} (${lost.length} of ${serviceConnects.length} tries)`,
            },
            ...(itself === undefined
              ? []
              : [
                  {
                    vantage: 'source' as const,
                    command: itself.command,
                    saw: `${name} itself, at ${endpoint(itself.address, itself.port)}: ${sawConnect(itself)}`,
                  },
                ]),
            ...(other === undefined ? [] : [showConnect(other)]),
          ],
          ruledOut: [
            { id: 'listen-overflow', because: 'every backend answers when it is connected to directly' },
            ...(view.service.spec.sessionAffinity === 'ClientIP'
              ? []
              : [{ id: 'session-affinity-pinned', because: `Service ${view.ref.name} holds no client to a backend` }]),
          ],
          notRuledOut: [{ id: 'masquerade-wrong', needs: 'access node' }],
          fix: [
            {
              say: `Turn hairpin on where ${node} connects its Pods: "hairpinMode": true in the configuration of the bridge plugin, /etc/cni/net.d`,
              run: `kubectl debug node/${node} -it --profile=netadmin --image=nicolaka/netshoot:v0.16 -- bridge -d link`,
            },
            {
              say: 'Keep the masquerade rule of kube-proxy for Pods that call themselves (KUBE-MARK-MASQ, or masquerade all)',
            },
            { say: `Or let ${name} call itself at localhost` },
          ],
        },
      ],
      '',
    );
  },
});

import { endpoint, works } from '../../derive/connects.ts';
import { proxyReplacement } from '../../derive/data-plane.ts';
import { nodeState } from '../../derive/node-states.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable, type Proof } from '../rule.ts';
import { asProof } from '../support/nodes.ts';

export default defineRule({
  id: 'bridge-nf-off',
  rung: 'P',
  title: "Replies from Pods of the same node bypass the translation of the Service's address",
  needs: ['sourcePod', 'serviceConnects', 'backendConnects'],
  uses: ['nodeStates', 'daemonSets'],
  lookAlikes: ['hairpin-off', 'netpol-default-deny-ingress', 'kube-proxy-stale'],
  explains: [],
  judge({ sourcePod, serviceConnects, backendConnects, nodeStates, daemonSets }) {
    const source = found(sourcePod);
    const own = source?.spec.nodeName ?? null;
    if (source === null || own === null) return notApplicable('the source Pod is on no node');
    const failed = serviceConnects.filter((reading) => !works(reading));
    if (failed.length === 0) return clear('every connection to the Service address works');
    const near = backendConnects.filter((reading) => reading.owner.node === own && works(reading));
    if (near.length === 0) return clear(`no backend on ${own} answers when asked directly`);
    const state = nodeState(nodeStates, own);
    if (proxyReplacement(daemonSets, state) !== null)
      return notApplicable('another data plane than kube-proxy may serve Services here');
    if (state?.bridgeCallsIptables === true) return clear(`net.bridge.bridge-nf-call-iptables is on at ${own}`);
    const stray = failed.find(({ strayAnswer }) => near.some(({ address }) => address === strayAnswer));
    const isOff = state !== null && (state.bridgeCallsIptables === false || state.marks.length === 0);
    const isSetOff = state?.bridgeCallsIptables === false;
    // A node without the setting may have no bridge at all; then only the packet that was seen tells.
    if (stray === undefined && !isSetOff) return clear('no backend was seen to answer in place of the Service address');
    const [first] = failed;
    const answered = near.find(({ address }) => address === stray?.strayAnswer) ?? near[0];
    if (first === undefined || answered === undefined) return clear('no connection failed');
    const proofs: readonly (Proof | null)[] = [
      stray === undefined
        ? null
        : {
            vantage: 'source',
            command: `kubectl -n ${source.metadata.namespace} exec ${source.metadata.name} -c netdebug -- tcpdump -ni any 'tcp[tcpflags] & (tcp-syn|tcp-rst) != 0'`,
            saw: `asked ${endpoint(stray.address, stray.port)}, the SYN-ACK came from ${endpoint(answered.address, answered.port)}`,
          },
      state === null || !isOff
        ? null
        : {
            vantage: 'node',
            command: `${state.command} -- sysctl net.bridge.bridge-nf-call-iptables`,
            saw: `${own}: net.bridge.bridge-nf-call-iptables ${state.bridgeCallsIptables === null ? 'is not there' : 'is 0'}`,
          },
      asProof(stray ?? first),
      asProof(answered),
    ];
    return faults(
      [
        {
          subject: { kind: 'Node', name: own },
          summary:
            stray === undefined
              ? `${own} does not let iptables see what passes its bridge (net.bridge.bridge-nf-call-iptables=0): backends on the same node, such as ${answered.owner.name}, answer ${source.metadata.name} by their own address instead of the Service's.`
              : `${answered.owner.name} on the same node answers ${source.metadata.name} by its own address instead of the Service's${isSetOff ? ` (net.bridge.bridge-nf-call-iptables=0 on ${own})` : ''}, so the connection is thrown away.`,
          confidence: stray !== undefined && isSetOff ? 'proven' : 'likely',
          blocks: 'service',
          evidence: proofs.filter((proof) => proof !== null),
          ruledOut: [
            ...(answered.owner.name === source.metadata.name
              ? []
              : [{ id: 'hairpin-off', because: `${answered.owner.name} is another Pod than the source` }]),
            { id: 'netpol-default-deny-ingress', because: `${answered.owner.name} takes connections from the source` },
          ],
          fix: [
            {
              say: `On ${own}, load br_netfilter, switch it on, and keep both across reboots`,
              run: "modprobe br_netfilter && sysctl -w net.bridge.bridge-nf-call-iptables=1 && echo br_netfilter > /etc/modules-load.d/kubernetes.conf && echo 'net.bridge.bridge-nf-call-iptables = 1' > /etc/sysctl.d/99-bridge.conf",
            },
          ],
        },
      ],
      '',
    );
  },
});

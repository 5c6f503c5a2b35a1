import { dropsBetween, stillLost } from '../../derive/node-counters.ts';
import { addressesOf } from '../../derive/pods.ts';
import { found } from '../../evidence/collected.ts';
import type { NodeState } from '../../evidence/readings.ts';
import { defineRule, type Fault, faults, notApplicable } from '../rule.ts';
import { lostAt, lostProof } from '../support/nodes.ts';

export default defineRule({
  id: 'rp-filter-strict',
  rung: 'P',
  title: 'A node drops packets because it would answer by another device',
  needs: ['sourcePod', 'nodeStates', 'backendConnects'],
  uses: ['lostAgain', 'nodeStatesAfter'],
  lookAlikes: ['route-return-missing', 'forward-drop', 'underlay-blocked'],
  explains: ['route-return-missing', 'underlay-blocked', 'dns-replica-partial'],
  judge({ sourcePod, nodeStates, backendConnects, lostAgain, nodeStatesAfter }) {
    const source = found(sourcePod);
    const own = source?.spec.nodeName ?? null;
    if (source === null || own === null) return notApplicable('the source Pod is on no node');
    const addresses = addressesOf(source);
    const all = nodeStates.flatMap((state): readonly Fault[] => {
      const lost = lostAt(backendConnects, state.node, own);
      const moved = dropsBetween(nodeStates, nodeStatesAfter, state.node)?.reversePath ?? null;
      const back = state.routes.find(({ to }) => addresses.includes(to));
      const by = strictDevice(state, back?.device ?? null);
      if (state.node === own || lost.length === 0 || by === null || back === undefined) return [];
      const isProven = moved !== null && moved > 0 && stillLost(lost, lostAgain).length > 0;
      // Counted twice and not moved: these packets were not dropped for that.
      if (moved === 0 || (!isProven && (state.drops?.reversePath ?? 0) === 0)) return [];
      return [
        {
          subject: { kind: 'Node', name: state.node },
          summary: `${state.node} drops packets of ${source.metadata.name} that come in by ${by}, because its route back to ${back.to} goes by ${back.device ?? 'no device'} and its reverse path filter is strict (rp_filter=1).`,
          confidence: isProven ? 'proven' : 'likely',
          blocks: 'path',
          addresses: lost.map(({ address }) => address),
          evidence: [
            {
              vantage: 'node',
              command: `${state.command} -- nstat -az TcpExtIPReversePathFilter`,
              saw: isProven
                ? `${state.node}: ${moved} packets failed the reverse path filter while the lost connections were tried again`
                : `${state.node}: ${state.drops?.reversePath ?? 0} packets have failed the reverse path filter`,
            },
            {
              vantage: 'node',
              command: `${state.command} -- ip route get ${back.to}`,
              saw: `${state.node}: route to ${back.to}: ${back.text}`,
            },
            ...lostProof(lost),
          ],
          fix: [
            {
              say: `On ${state.node}, accept any way back, and keep it so across reboots; or mend the route back to ${back.to}`,
              run: `sysctl -w net.ipv4.conf.all.rp_filter=2 && echo 'net.ipv4.conf.all.rp_filter = 2' > /etc/sysctl.d/99-rp-filter.conf`,
            },
          ],
        },
      ];
    });
    return faults(all, 'no node on the path has dropped packets by a strict reverse path filter');
  },
});

/**
 * A device whose filter is strict and by which the node would not answer, an overlay first. What counts is the larger of the setting for all
 * devices and its own: 1 is strict, 2 is not.
 *
 * @see https://docs.kernel.org/networking/ip-sysctl.html rp_filter
 */
function strictDevice({ reversePath, overlays }: NodeState, back: string | null): string | null {
  const all = reversePath.find(({ device }) => device === 'all')?.mode ?? 0;
  const own = new Map(reversePath.map(({ device, mode }) => [device, mode]));
  const devices = [...overlays.map(({ device }) => device), ...own.keys()].filter(
    (device) => !['all', 'default', 'lo', back].includes(device),
  );
  return devices.find((device) => Math.max(all, own.get(device) ?? 0) === 1) ?? null;
}

import { SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { dnsPods } from '../corefile.ts';
import { defineFault } from '../define.ts';

// The second packet of a socket is dropped one time in four; queries of their own are not.
const TABLE = `table inet dnsrace {
  set asked { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 300ms; size 65535; }
  chain c { type filter hook forward priority -10;
    ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 udp dport 53 ip saddr . udp sport @asked numgen inc mod 4 == 0 counter drop
    ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 udp dport 53 update @asked { ip saddr . udp sport }
  }
}`;

// Emulated: the kernel of the lab does not lose the race. A rule drops what the race would lose, on the source's node, which looks
// the same to a client; conntrack's insert_failed does not rise, so with access node the tool must not be sure.
export default defineFault({
  id: 'dns-conntrack-race',
  about: 'emulated: of two DNS queries from one socket on the node of web the second one gets lost, one time in four',
  flow: webToApi,
  patience: 40,
  breakIt: async (lab) => {
    await lab.onNode(SOURCE_NODE, 'nft', TABLE);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const pods = await dnsPods(lab);
    const alone = await Promise.all(
      pods.flatMap(({ ip }) => [1, 2, 3].map(() => web.dig('api.shop.svc.cluster.local.', `@${ip}`))),
    );
    // glibc sends A and AAAA from one socket and waits 5 s for the one that is missing.
    const ask =
      'seq 12 | xargs -P 12 -I{} sh -c "timeout 3 getent ahosts api.shop.svc.cluster.local. >/dev/null || echo lost"';
    const { stdout: lookups } = await web.run(['sh', '-c', ask]);
    const lost = lookups.split('\n').filter((line) => line === 'lost').length;
    const { stdout } = await lab.node(SOURCE_NODE, ['nft', 'list', 'table', 'inet', 'dnsrace']);
    const dropped = Number(/packets (\d+)/.exec(stdout)?.[1] ?? 0);
    const answered = alone.filter((said) => said.startsWith('NOERROR')).length;
    return {
      seen: lost > 0 && lost < 12 && dropped > 0 && answered === alone.length,
      saw: `${lost} of 12 lookups by glibc stalled, ${answered} of ${alone.length} single queries answered; ${dropped} packets dropped`,
    };
  },
  async undo(lab) {
    await lab.onNode(SOURCE_NODE, 'nft', 'delete', 'table', 'inet', 'dnsrace');
  },
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'web' }),
});

import { SHOP, SOURCE_NODE, webToApi } from '../base.ts';
import { dnsPods } from '../corefile.ts';
import { defineFault } from '../define.ts';

const TABLE = `table inet dnsrace { chain c { type filter hook forward priority -10; udp dport 53 numgen inc mod 10 == 0 counter drop; }; }`;

// Emulated: the kernel of the lab does not lose the race. One query in ten is dropped on the source's node, which looks the
// same to a client; conntrack's insert_failed does not rise, so the tool must not be sure.
export default defineFault({
  id: 'dns-conntrack-race',
  about: 'emulated: one DNS query of ten from the node of web gets lost; each CoreDNS Pod answers by itself',
  flow: webToApi,
  unsteady:
    'which of the queries get lost is chance: a Pod of the cluster DNS that misses both of its own looks like one that is dead',
  patience: 30,
  breakIt: async (lab) => {
    await lab.onNode(SOURCE_NODE, 'nft', TABLE);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const pods = await dnsPods(lab);
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        web.dig('api.shop.svc.cluster.local.', `@${pods[index % pods.length]?.ip ?? ''}`),
      ),
    );
    const lost = tries.filter((said) => said.startsWith('no answer')).length;
    const { stdout } = await lab.node(SOURCE_NODE, ['nft', 'list', 'table', 'inet', 'dnsrace']);
    const dropped = Number(/packets (\d+)/.exec(stdout)?.[1] ?? 0);
    return {
      seen: lost > 0 && lost < 10 && dropped > 0,
      saw: `${lost} of 20 queries lost; ${dropped} packets dropped`,
    };
  },
  async undo(lab) {
    await lab.onNode(SOURCE_NODE, 'nft', 'delete', 'table', 'inet', 'dnsrace');
  },
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'web' }),
  confidence: ['possible'],
});

import { oneBackend, SHOP, SOURCE_NODE } from '../base.ts';
import { defineTrap } from '../define.ts';
import { leadsTo } from '../node-rules.ts';
import { stock, webToStock } from '../stock.ts';

const LABEL = 'service.kubernetes.io/service-proxy-name';

export default defineTrap({
  name: 'served-by-another-proxy',
  about: "stock is served by another program's rules: kube-proxy has none for it, and it works",
  objects: stock,
  flow: { ...webToStock, access: 'node' },
  async choose(lab) {
    const vip = await lab.field('{.spec.clusterIP}', '-n', SHOP, 'service', 'stock');
    return { vip, ip: (await oneBackend(lab, SHOP, 'stock')).ip };
  },
  async makeOdd(lab, { vip, ip }) {
    const rules = `add table ip other-proxy; add chain ip other-proxy pre { type nat hook prerouting priority -90; }; add rule ip other-proxy pre ip daddr ${vip} tcp dport 80 dnat to ${ip}:8080`;
    await lab.onNode(SOURCE_NODE, 'nft', rules);
    await lab.kubectl('-n', SHOP, 'label', 'service', 'stock', `${LABEL}=other`);
  },
  async odd(lab, { vip }) {
    const to = await leadsTo(lab, SOURCE_NODE, `${vip}`);
    return { seen: to.length === 0, saw: `kube-proxy's rules for stock lead to ${to.join(' ') || 'nothing'}` };
  },
  async undo(lab) {
    await lab.kubectl('-n', SHOP, 'label', 'service', 'stock', `${LABEL}-`);
    await lab.onNode(SOURCE_NODE, 'sh', '-c', 'nft delete table ip other-proxy 2>/dev/null; true');
  },
});

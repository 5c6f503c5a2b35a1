import { oneBackend, SHOP, slices } from '../base.ts';
import { defineTrap } from '../define.ts';
import { rollout, stock, webToStock } from '../stock.ts';

// The web server is PID 1 of its container and ignores TERM: it serves until its grace period ends.
const patient = stock.map((object) => {
  if (object.kind !== 'Deployment') return object;
  const copy = structuredClone(object) as typeof object & {
    spec: { template: { spec: { terminationGracePeriodSeconds: number } } };
  };
  copy.spec.template.spec.terminationGracePeriodSeconds = 120;
  return copy;
});

export default defineTrap({
  name: 'draining',
  about: 'one Pod of stock is terminating and still serves, its replacement has taken over',
  objects: patient,
  flow: webToStock,
  async choose(lab) {
    return { pod: (await oneBackend(lab, SHOP, 'stock')).name };
  },
  async makeOdd(lab, { pod }) {
    await lab.kubectl('-n', SHOP, 'delete', 'pod', pod, '--wait=false');
    await lab.kubectl(...rollout);
  },
  async odd(lab) {
    const all = (await slices(lab, SHOP, 'stock'))
      .flatMap((slice) => slice.endpoints ?? [])
      .map(({ conditions }) => conditions);
    const draining = all.filter(
      (conditions) => conditions?.terminating && conditions.serving && !conditions.ready,
    ).length;
    const ready = all.filter((conditions) => conditions?.ready).length;
    return {
      seen: draining === 1 && ready === 2,
      saw: `slice of stock: ${ready} ready, ${draining} terminating and serving`,
    };
  },
  async undo(lab, { pod }) {
    await lab.kubectl('-n', SHOP, 'delete', 'pod', pod, '--ignore-not-found', '--force', '--grace-period=0');
  },
});

import { oneBackend, SHOP, slices } from '../base.ts';
import { defineTrap } from '../define.ts';
import { rollout, stock, webToStock } from '../stock.ts';

// The hook holds the Pod: it is terminating, its readiness probe still passes, and it serves until the hook has ended.
const patient = stock.map((object) => {
  if (object.kind !== 'Deployment') return object;
  const copy = structuredClone(object) as typeof object & {
    spec: { template: { spec: { terminationGracePeriodSeconds: number; containers: { lifecycle?: object }[] } } };
  };
  copy.spec.template.spec.terminationGracePeriodSeconds = 120;
  for (const container of copy.spec.template.spec.containers) {
    container.lifecycle = { preStop: { sleep: { seconds: 100 } } };
  }
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

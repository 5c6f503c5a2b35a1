import { ask, describe, FAR_NODE, failed, oneBackend, SHOP, slices, webToApi } from '../base.ts';
import { defineScenario } from '../define.ts';

export default defineScenario({
  name: 'one-of-three-gone',
  about:
    'one of three backends was deleted while the controller manager is down: a third of the requests goes to nobody',
  flow: webToApi,
  async choose(lab) {
    const [{ name, ip }, [slice]] = [
      await oneBackend(lab, SHOP, 'api', lab.nodeName(FAR_NODE)),
      await slices(lab, SHOP, 'api'),
    ];
    return { pod: name, ip, slice: slice?.metadata.name ?? '' };
  },
  async breakIt(lab, { pod }) {
    await lab.stop(1, 'kcm');
    await lab.kubectl('-n', SHOP, 'delete', 'pod', pod, '--force', '--grace-period=0');
  },
  async witness(lab, { ip }) {
    const direct = await (await lab.from(SHOP, 'web')).fetch(`http://${ip}:8080/`);
    const fetches = await ask(lab, webToApi, 12);
    return {
      seen: direct[0]?.exit !== 0 && failed(fetches) && fetches.some(({ exit }) => exit === 0),
      saw: `directly: ${describe(direct)}; by name: ${describe(fetches)}`,
    };
  },
  undo: (lab) => lab.start(1, 'kcm'),
  order: ({ slice }) => [
    { id: 'endpointslice-stale', role: 'cause', subject: { kind: 'EndpointSlice', namespace: SHOP, name: slice } },
  ],
});

import { ask, describe, failed, oneBackend, SHOP, slices, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

export default defineFault({
  id: 'endpointslice-stale',
  about: 'the controller manager is down and a backend was deleted: its dead address stays in the EndpointSlice',
  flow: webToApi,
  async choose(lab) {
    const [{ name, ip }, [slice]] = [await oneBackend(lab, SHOP, 'api'), await slices(lab, SHOP, 'api')];
    return { pod: name, ip, slice: slice?.metadata.name ?? '' };
  },
  async breakIt(lab, { pod }) {
    await lab.stop(1, 'kcm');
    await lab.kubectl('-n', SHOP, 'delete', 'pod', pod, '--force', '--grace-period=0');
  },
  async witness(lab, { pod, ip }) {
    const web = await lab.from(SHOP, 'web');
    const listed = (await slices(lab, SHOP, 'api'))
      .flatMap((slice) => slice.endpoints ?? [])
      .some(({ addresses }) => addresses.includes(ip));
    const owners = await lab.field(`{.items[?(@.status.podIP=="${ip}")].metadata.name}`, '-n', SHOP, 'pods');
    const direct = await web.fetch(`http://${ip}:8080/`);
    const fetches = await ask(lab, webToApi, 6);
    return {
      seen: listed && owners === '' && direct[0]?.exit !== 0,
      saw: `${ip} of ${pod} ${listed ? 'is' : 'is not'} in the slice, Pods with it: ${owners || 'none'}; directly: ${describe(direct)}; by name: ${failed(fetches) ? '' : 'none failed, '}${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await lab.start(1, 'kcm');
  },
  subject: ({ slice }) => ({ kind: 'EndpointSlice', namespace: SHOP, name: slice }),
});

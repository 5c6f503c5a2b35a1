import { ask, describe, SHOP, webToApi } from '../base.ts';
import { defineFault } from '../define.ts';

export default defineFault({
  id: 'pod-netns-broken',
  about: 'the default route of web is gone',
  flow: webToApi,
  async choose(lab) {
    const routes = (await (await lab.from(SHOP, 'web')).run(['ip', 'route', 'show', 'default'])).stdout.trim();
    return { route: routes };
  },
  async breakIt(lab) {
    await (await lab.from(SHOP, 'web')).run(['ip', 'route', 'del', 'default']);
  },
  async witness(lab) {
    const web = await lab.from(SHOP, 'web');
    const routes = (await web.run(['ip', 'route', 'show', 'default'])).stdout.trim();
    return {
      seen: routes === '',
      saw: `default route of web: ${routes || 'none'}; by name: ${describe(await ask(lab, webToApi, 2))}`,
    };
  },
  async undo(lab, { route }) {
    await (await lab.from(SHOP, 'web')).run(['ip', 'route', 'replace', ...`${route}`.split(' ')]);
  },
  subject: () => ({ kind: 'Pod', namespace: SHOP, name: 'web' }),
});

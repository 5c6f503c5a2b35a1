import { describe, SHOP } from '../base.ts';
import { defineTrap } from '../define.ts';
import { app, deployment, service } from '../objects.ts';

const serve =
  'mkdir -p /tmp/www; hostname > /tmp/www/index.html; echo "/:ops:secret" > /tmp/auth; exec httpd -f -p 8080 -h /tmp/www -c /tmp/auth';
const vault = [
  deployment(SHOP, 'vault', { container: app({ command: ['sh', '-c', serve] }) }),
  service(SHOP, 'vault', { app: 'vault' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
];
const url = 'http://vault/';

export default defineTrap({
  name: 'http-401',
  about: 'vault answers 401 to whoever has no password: the network works',
  flow: { namespace: SHOP, source: 'web', destination: 'vault', url },
  async makeOdd(lab) {
    await lab.apply(vault, 'http-401');
    await lab.ready(vault);
  },
  async odd(lab) {
    const fetches = await (await lab.from(SHOP, 'web')).fetch(url);
    return { seen: fetches[0]?.status === 401, saw: describe(fetches) };
  },
  undo: (lab) => lab.delete(vault),
});

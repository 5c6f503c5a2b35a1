import { ask, describe, SHOP } from '../base.ts';
import { defineFault } from '../define.ts';
import type { Lab } from '../lab.ts';
import { service } from '../objects.ts';

const flow = { namespace: SHOP, source: 'web', destination: 'http://ledger/', url: 'http://ledger/' };

const speak = (lab: Lab, protocol: string) =>
  lab.kubectl(
    '-n',
    SHOP,
    'patch',
    'service',
    'ledger',
    '--type=json',
    '-p',
    JSON.stringify([{ op: 'replace', path: '/spec/ports/0/protocol', value: protocol }]),
  );

export default defineFault({
  id: 'protocol-mismatch',
  about: 'ledger publishes port 80 for UDP, web uses HTTP',
  objects: [service(SHOP, 'ledger', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 8080 }])],
  flow,
  matters: { proxyMode: true },
  async breakIt(lab) {
    await speak(lab, 'UDP');
  },
  async witness(lab) {
    const protocol = await lab.field('{.spec.ports[0].protocol}', '-n', SHOP, 'service', 'ledger');
    const fetches = await ask(lab, flow, 1, 3);
    return {
      seen: protocol === 'UDP' && fetches[0]?.exit !== 0,
      saw: `port 80/${protocol}; ${describe(fetches)}`,
    };
  },
  async undo(lab) {
    await speak(lab, 'TCP');
  },
  subject: () => ({ kind: 'Service', namespace: SHOP, name: 'ledger' }),
});

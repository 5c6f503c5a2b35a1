import { describe, SHOP } from '../base.ts';
import { defineTrap } from '../define.ts';
import { service } from '../objects.ts';

// Only TCP, UDP and SCTP are translated, and no device has the address.
const front = service(SHOP, 'front', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }]);
const url = 'http://front/';

export default defineTrap({
  name: 'vip-without-ping',
  about: 'the address of the Service front answers no ping, as ever; TCP works',
  flow: { namespace: SHOP, source: 'web', destination: 'front', url },
  makeOdd: (lab) => lab.apply([front], 'vip-without-ping'),
  async odd(lab) {
    const ip = await lab.field('{.items[?(@.metadata.name=="front")].spec.clusterIP}', '-n', SHOP, 'services');
    const web = await lab.from(SHOP, 'web');
    const fetches = await web.fetch(url);
    const exit = ip === '' ? 0 : (await web.run(['ping', '-c1', '-W1', ip])).exitCode;
    return { seen: exit !== 0 && fetches[0]?.exit === 0, saw: `ping ${ip}: exit ${exit}; ${describe(fetches)}` };
  },
  undo: (lab) => lab.delete([front]),
});

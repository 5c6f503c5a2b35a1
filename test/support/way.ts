import type { Way } from '../../src/report/way.ts';

/** From web on n2, whose node was looked at, to api-c on n3, whose node was not: it breaks between the two. */
export const WAY: Way = {
  to: 'api-c 10.244.3.11:8080',
  places: [
    { where: 'Pod web', device: 'eth0', what: '10.244.2.10, MTU 1450', finding: null },
    { where: 'node n2', device: 'veth2f0', what: 'port of cni0', finding: null },
    { where: 'between nodes', device: null, what: '10.90.0.12 to 10.90.0.13', finding: 2 },
    { where: 'Pod api-c', device: null, what: '10.244.3.11', finding: null },
  ],
  unseen: ['n3'],
};

import rule from '../../../src/rules/path/ip-forward-off.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  apiA,
  apiB,
  apiC,
  connect,
  dnsAnswer,
  NO_ANSWER,
  nodeState,
  SILENT,
  searchAnswer,
  world,
} from '../../support/world.ts';

const farIsLost = [connect(apiA), connect(apiB), connect(apiC, SILENT)];

ruleCases(rule, {
  fires: [
    {
      when: "a backend's node has it off",
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n2'), nodeState('n3', { forwards: false })] }),
      says: 'n3 does not forward packets (net.ipv4.ip_forward=0): nothing from other nodes gets to its Pods.',
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n3: net.ipv4.ip_forward is 0', 'api-c 10.244.3.11:8080: no answer in 4 s'],
    },
    {
      when: "the source's own node has it off, and CoreDNS is elsewhere",
      world: world({
        backendConnects: [connect(apiA, SILENT), connect(apiB), connect(apiC, SILENT)],
        nameLookup: dnsAnswer(NO_ANSWER),
        searchLookup: searchAnswer('api', NO_ANSWER),
        nodeStates: [nodeState('n2', { forwards: false })],
      }),
      says: 'n2 does not forward packets (net.ipv4.ip_forward=0): nothing leaves it from its Pods.',
      subject: 'Node n2',
      confidence: 'proven',
      blocks: 'name',
    },
  ],
  silent: [
    {
      when: 'it is on everywhere, and something else loses packets',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n2'), nodeState('n3')] }),
      outcome: 'clear',
      because: 'n2, n3 forwards',
    },
    {
      when: 'the setting could not be read',
      world: world({ backendConnects: farIsLost, nodeStates: [nodeState('n3', { forwards: null })] }),
      outcome: 'clear',
    },
  ],
});

import rule from '../../../src/rules/path/conntrack-full.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiA,
  apiB,
  apiC,
  connect,
  connectService,
  dnsAnswer,
  NO_ANSWER,
  nodeState,
  SILENT,
  world,
} from '../../support/world.ts';

const table = (node: string, entries: number, dropped: number) =>
  nodeState(node, {
    conntrack: { entries, most: 65_536, dropped },
    drops: { tableFull: dropped, insertFailed: 0, invalid: 0, reversePath: 0 },
  });
const farIsLost = { backendConnects: [connect(apiA), connect(apiB), connect(apiC, SILENT)] };

ruleCases(rule, {
  fires: [
    {
      when: "a backend's node drops more while we look",
      world: world({
        ...farIsLost,
        nodeStates: [nodeState('n2'), table('n3', 65_536, 40)],
        nodeStatesAfter: [nodeState('n2'), table('n3', 65_530, 52)],
      }),
      says: "n3's connection table is full (65536 of 65536 entries, 12 packets dropped while we looked): new connections through it are lost.",
      subject: 'Node n3',
      confidence: 'proven',
      blocks: 'path',
      addresses: ['10.244.3.11'],
      saw: ['n3: 65536 of 65536 entries (100 %), dropped 12 more'],
      run: ['sysctl -w net.netfilter.nf_conntrack_max=131072'],
    },
    {
      when: "the source's own node is full: lookups and connections are lost",
      world: world({
        nameLookup: dnsAnswer(NO_ANSWER),
        serviceConnects: [connectService(SILENT)],
        backendConnects: API_PODS.map((api) => connect(api, SILENT)),
        nodeStates: [table('n2', 65_000, 40)],
      }),
      says: "n2's connection table is full (65000 of 65536 entries, 40 packets dropped so far): new connections through it are lost.",
      subject: 'Node n2',
      confidence: 'likely',
      blocks: 'name',
    },
  ],
  silent: [
    {
      when: 'packets were dropped once, and there is room now',
      world: world({ ...farIsLost, nodeStates: [table('n3', 20_000, 40)] }),
      outcome: 'clear',
    },
    {
      when: 'it is full and has dropped nothing',
      world: world({ ...farIsLost, nodeStates: [table('n3', 65_000, 0)] }),
      outcome: 'clear',
    },
    {
      when: 'the backends of that node answer',
      world: world({ nodeStates: [table('n3', 65_536, 40)] }),
      outcome: 'clear',
    },
  ],
});

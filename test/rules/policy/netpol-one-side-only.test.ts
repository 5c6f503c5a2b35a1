import rule from '../../../src/rules/policy/netpol-one-side-only.ts';
import { ruleCases } from '../../support/rule-cases.ts';
import {
  API_PODS,
  apiOnly,
  askEveryServer,
  CONNECTED,
  connect,
  dnsAnswer,
  missing,
  NO_ANSWER,
  NOT_FOUND,
  pod,
  policy,
  SILENT,
  searchAnswer,
  world,
} from '../../support/world.ts';

const addresses = ['10.244.1.11', '10.244.2.11', '10.244.3.11'];
const webOut = policy('web-out', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [{}],
});
const apiIn = (...ingress: object[]) =>
  policy('api-in', { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'], ingress });
const apiFromWeb = apiIn({ from: [{ podSelector: { matchLabels: { app: 'web' } } }] });
const webClosed = policy('web-out', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] });
const denyAll = policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] });
const dropped = { backendConnects: API_PODS.map((api) => connect(api, SILENT)) };
const ping = pod({ name: 'ping', namespace: 'tools', node: 'n3', ip: '10.244.3.30' });

ruleCases(rule, {
  fires: [
    {
      when: 'egress of the source is open, ingress of the backends is closed',
      world: world({ policies: [webOut, apiIn()], ...dropped, controlConnects: [connect(ping, CONNECTED)] }),
      says: 'NetworkPolicy web-out (egress) admits web to api, but NetworkPolicy api-in isolates 3 backends for ingress, and has no rule that admits web on TCP 8080: both ends must allow a flow.',
      subject: 'NetworkPolicy shop/api-in',
      confidence: 'proven',
      blocks: 'path',
      addresses,
      run: [
        `kubectl -n shop patch networkpolicy api-in --type=json -p '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"podSelector":{"matchLabels":{"app":"web"}}}],"ports":[{"protocol":"TCP","port":8080}]}}]'`,
      ],
    },
    {
      when: 'the backends admit the source, and its own egress is closed, DNS with it',
      world: world({
        policies: [webClosed, apiFromWeb],
        ...dropped,
        nameLookup: dnsAnswer(NO_ANSWER),
        searchLookup: searchAnswer('api', NO_ANSWER),
        dnsServers: askEveryServer(NO_ANSWER),
      }),
      says: 'NetworkPolicy api-in (ingress) admits web to api, but NetworkPolicy web-out isolates web for egress, and has no rule that admits api on TCP 8080, nor DNS: both ends must allow a flow.',
      subject: 'NetworkPolicy shop/web-out',
      confidence: 'likely',
      blocks: 'name',
      addresses,
    },
    {
      when: 'no probe ran',
      world: apiOnly({ policies: [webOut, apiIn({ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] })] }),
      says: 'NetworkPolicy web-out (egress) admits web to api, but NetworkPolicy api-in isolates 3 backends for ingress, and its only rule does not admit web on TCP 8080: both ends must allow a flow.',
      subject: 'NetworkPolicy shop/api-in',
      confidence: 'likely',
      blocks: 'path',
      addresses,
    },
  ],
  silent: [
    { when: 'both ends admit the flow', world: world({ policies: [webOut, apiFromWeb] }), outcome: 'clear' },
    {
      when: 'no policy has a say about the source',
      world: world({ policies: [apiIn()], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'the backends are closed by the default deny of their namespace',
      world: world({ policies: [webOut, denyAll], ...dropped }),
      outcome: 'clear',
    },
    {
      when: 'a rule of the backends fails by one label',
      world: world({
        policies: [webOut, apiIn({ from: [{ podSelector: { matchLabels: { app: 'wep' } } }] })],
        ...dropped,
      }),
      outcome: 'clear',
    },
    { when: 'the source Pod does not exist', world: world({ sourcePod: NOT_FOUND }), outcome: 'not-applicable' },
    {
      when: 'the Pods behind the Service could not be read',
      world: world({ policies: [apiIn()], endpoints: missing('forbidden') }),
      outcome: 'unsure',
      needs: 'api',
    },
  ],
});

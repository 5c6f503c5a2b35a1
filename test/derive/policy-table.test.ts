import { expect, it } from 'vitest';
import { policyEnd, policySetOf } from '../../src/derive/policy.ts';
import { policyTable } from '../../src/derive/policy-table.ts';
import { apiA, namespace, pod, policy, web } from '../support/world.ts';

const namespaces = [namespace('shop')];
const cart = pod({ name: 'cart', ip: '10.244.2.40', labels: { app: 'cart' } });
const end = (one: typeof web) => policyEnd(one, namespaces);
const fromWeb = policy('api-from-web', {
  podSelector: { matchLabels: { app: 'api' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 8080 }] }],
});

it('says for each Pod and port who decided, in both directions', () => {
  const { closedBy, rows } = policyTable(end(apiA), [end(web), end(cart)], policySetOf({ policies: [fromWeb] }));
  expect(closedBy).toEqual({ ingress: ['NetworkPolicy shop/api-from-web'], egress: [] });
  expect(
    rows.map(({ direction, peer, port, state, because }) => `${direction} ${peer.name} ${port} ${state}: ${because}`),
  ).toEqual([
    'ingress web 8080 allow: ingress: NetworkPolicy shop/api-from-web, ingress rule 1: app=web, TCP 8080',
    'ingress cart 8080 deny: ingress: NetworkPolicy shop/api-from-web: no rule admits the flow',
    'egress web 80 allow: egress: no policy denies it',
    'egress cart 80 allow: egress: no policy denies it',
  ]);
});

it('blames the end that denies', () => {
  const closed = policy('closed', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] });
  const { rows } = policyTable(end(apiA), [end(web)], policySetOf({ policies: [fromWeb, closed] }));
  expect(rows[0]).toMatchObject({
    state: 'deny',
    because: 'egress: NetworkPolicy shop/closed: no rule admits the flow',
  });
});

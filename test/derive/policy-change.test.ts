import { expect, it } from 'vitest';
import { changeCommand, changeDiff } from '../../src/derive/policy-change.ts';
import { newPolicy, replacePort } from '../../src/netpol/fix.ts';
import { policy } from '../support/world.ts';

const web = {
  name: 'web',
  namespace: 'shop',
  labels: { app: 'web' },
  namespaceLabels: {},
  addresses: [],
  hostNetwork: false,
  node: null,
  ports: [],
};
const allow = policy('allow', { podSelector: {}, ingress: [{ ports: [{ port: 80 }, { port: "it's" }] }] });

it('a change of a policy is a patch, and a diff of just that', () => {
  const change = replacePort(allow, 'ingress', { rule: 0, index: 0 }, 8080);
  expect(changeCommand(change)).toBe(
    `kubectl -n shop patch networkpolicy allow --type=json -p '[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":8080}]'`,
  );
  expect(changeDiff(change).split('\n')).toEqual(expect.arrayContaining(['-    - port: 80', '+    - port: 8080']));
  expect(changeDiff(change)).toMatch(/^--- shop\/allow\.yaml\n\+\+\+ shop\/allow\.yaml\n@@ /);
});

it('a quote in a value ends no shell word', () =>
  expect(changeCommand({ before: allow, after: allow, patch: [{ op: 'add', path: '/spec/x', value: "it's" }] })).toBe(
    `kubectl -n shop patch networkpolicy allow --type=json -p '[{"op":"add","path":"/spec/x","value":"it'\\''s"}]'`,
  ));

it('a new policy is applied as a whole', () =>
  expect(
    changeCommand(newPolicy('let-web', web, 'egress', [{ podSelector: {} }], [{ protocol: 'TCP', port: 80 }])),
  ).toBe(
    `kubectl apply -f - <<'EOF'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: let-web
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
  - Egress
  egress:
  - to:
    - podSelector: {}
    ports:
    - protocol: TCP
      port: 80
EOF`,
  ));

/**
 * An admission webhook for debug containers that are added in one namespace: `node webhook.ts refuse|hang|read-only NAMESPACE ADDRESS`. Prints
 * its configuration for `kubectl apply` on one line, and goes on until its standard input ends.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [mode = '', namespace = '', address = ''] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'netdebug-webhook-'));
const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
execFileSync(
  'openssl',
  [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=obstacle', '-addext', `subjectAltName=IP:${address}`, '-keyout', key, '-out', cert],
  ],
  { stdio: 'ignore' },
);
const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
  if (mode === 'hang') return;
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    const { uid } = (JSON.parse(body) as { request: { uid: string } }).request;
    const patch = [
      { op: 'add', path: '/spec/ephemeralContainers/0/securityContext/readOnlyRootFilesystem', value: true },
    ];
    const verdict =
      mode === 'refuse'
        ? { allowed: false, status: { message: 'debug containers need a ticket, see wiki/debugging' } }
        : { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, ...verdict } }),
    );
  });
});
server.listen(0, address, () => {
  const isMutating = mode === 'read-only';
  console.log(
    JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: isMutating ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
      metadata: { name: namespace },
      webhooks: [
        {
          name: 'debugging.obstacle.test',
          clientConfig: {
            url: `https://${address}:${(server.address() as AddressInfo).port}/`,
            caBundle: readFileSync(cert).toString('base64'),
          },
          rules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['UPDATE'],
              resources: ['pods/ephemeralcontainers'],
            },
          ],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          failurePolicy: 'Fail',
          timeoutSeconds: 30,
        },
      ],
    }),
  );
});
process.stdin.resume().on('end', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});

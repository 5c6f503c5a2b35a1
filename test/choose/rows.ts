import type { TableRow } from '../../src/collect/table.ts';
import type { ServiceSnapshot } from '../../src/evidence/snapshots.ts';

/** A Pod as `kubectl get pods -o wide` shows it, of Deployment `app` when one is named. */
export function podRow(
  name: string,
  {
    app,
    status = 'Running',
    ready = '1/1',
    restarts = '0',
    namespace = 'shop',
  }: { app?: string; status?: string; ready?: string; restarts?: string; namespace?: string } = {},
): TableRow {
  return {
    metadata: {
      name,
      namespace,
      ...(app === undefined
        ? {}
        : {
            labels: { 'pod-template-hash': '7d9f' },
            ownerReferences: [{ kind: 'ReplicaSet', name: `${app}-7d9f`, controller: true }],
          }),
    },
    cells: { Name: name, Ready: ready, Status: status, Restarts: restarts, IP: '10.244.1.2', Node: 'n2' },
  };
}

export function service(
  name: string,
  { namespace = 'shop', ports = [{ port: 80 }] }: { namespace?: string; ports?: ServiceSnapshot['spec']['ports'] } = {},
): ServiceSnapshot {
  return { metadata: { name, namespace }, spec: { type: 'ClusterIP', clusterIP: '10.96.0.7', ports } };
}

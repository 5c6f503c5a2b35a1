import type { Denial, Denials } from '../../derive/denials.ts';
import { applyCommand } from '../../derive/yaml.ts';
import { peerFor, stableLabels } from './denied.ts';

/** A new small policy that lets the source ask the cluster DNS Pods over UDP and TCP, on the port they really listen on. */
export function dnsRule(denial: Denial, denials: Denials, name: string): string {
  const namespace = denial.policy.metadata.namespace ?? '';
  const [server] = denial.peers;
  if (server === undefined) return '';
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: { matchLabels: stableLabels(denials.source.metadata.labels) },
      policyTypes: ['Egress'],
      egress: [
        {
          to: [peerFor(server, namespace)],
          ports: [
            { protocol: 'UDP', port: denial.port },
            { protocol: 'TCP', port: denial.port },
          ],
        },
      ],
    },
  };
  return applyCommand(policy);
}

/**
 * The few fields of Kubernetes objects that are kept, in Kubernetes' own shape. Everything else is dropped at the door:
 * environment variables, annotations, Secrets and volume contents never enter the evidence.
 */
import * as z from 'zod/mini';

const labels = z.optional(z.record(z.string(), z.string()));
const text = z.string();
const maybe = {
  text: z.optional(z.string()),
  number: z.optional(z.number()),
  flag: z.optional(z.boolean()),
};
const list = <T extends z.core.$ZodType>(item: T) => z.optional(z.nullable(z.array(item)));
/** IntOrString: a port number or a port name. */
const intOrString = z.union([z.number(), z.string()]);

const metadata = z.object({
  name: text,
  namespace: maybe.text,
  uid: maybe.text,
  labels,
  creationTimestamp: z.optional(z.nullable(z.string())),
  deletionTimestamp: maybe.text,
  ownerReferences: list(z.object({ kind: text, name: text, controller: maybe.flag })),
});

export const LabelSelector = z.object({
  matchLabels: labels,
  matchExpressions: list(z.object({ key: text, operator: text, values: list(text) })),
});
export type LabelSelector = z.infer<typeof LabelSelector>;

const containerPort = z.object({
  name: maybe.text,
  containerPort: z.number(),
  protocol: maybe.text,
  hostPort: maybe.number,
});
export type ContainerPort = z.infer<typeof containerPort>;

const probe = z.object({
  httpGet: z.optional(z.object({ path: maybe.text, port: intOrString, scheme: maybe.text })),
  tcpSocket: z.optional(z.object({ port: intOrString })),
  exec: z.optional(z.object({ command: list(text) })),
  grpc: z.optional(z.object({ port: z.number() })),
});

const container = z.object({
  name: text,
  image: maybe.text,
  ports: list(containerPort),
  readinessProbe: z.optional(probe),
  restartPolicy: maybe.text,
});

const terminated = z.object({
  exitCode: maybe.number,
  reason: maybe.text,
  message: maybe.text,
  finishedAt: z.optional(z.nullable(z.string())),
});
const containerStatus = z.object({
  name: text,
  ready: maybe.flag,
  restartCount: maybe.number,
  state: z.optional(
    z.object({
      waiting: z.optional(z.object({ reason: maybe.text, message: maybe.text })),
      running: z.optional(z.object({ startedAt: z.optional(z.nullable(z.string())) })),
      terminated: z.optional(terminated),
    }),
  ),
  lastState: z.optional(z.object({ terminated: z.optional(terminated) })),
});
export type ContainerStatus = z.infer<typeof containerStatus>;

const condition = z.object({
  type: text,
  status: text,
  reason: maybe.text,
  message: maybe.text,
  lastTransitionTime: z.optional(z.nullable(z.string())),
});

const containerSecurity = z.object({
  runAsNonRoot: maybe.flag,
  runAsUser: maybe.number,
  capabilities: z.optional(z.object({ add: list(text), drop: list(text) })),
});

export const PodSnapshot = z.object({
  metadata,
  spec: z.object({
    nodeName: maybe.text,
    hostNetwork: maybe.flag,
    serviceAccountName: maybe.text,
    dnsPolicy: maybe.text,
    dnsConfig: z.optional(
      z.object({
        nameservers: list(text),
        searches: list(text),
        options: list(z.object({ name: maybe.text, value: maybe.text })),
      }),
    ),
    hostAliases: list(z.object({ ip: text, hostnames: list(text) })),
    securityContext: z.optional(z.object({ runAsNonRoot: maybe.flag, runAsUser: maybe.number })),
    os: z.optional(z.object({ name: text })),
    nodeSelector: labels,
    readinessGates: list(z.object({ conditionType: text })),
    containers: z.array(container),
    initContainers: list(container),
    ephemeralContainers: list(
      z.object({ name: text, image: maybe.text, command: list(text), securityContext: z.optional(containerSecurity) }),
    ),
  }),
  status: z.optional(
    z.object({
      phase: maybe.text,
      reason: maybe.text,
      message: maybe.text,
      podIPs: list(z.object({ ip: text })),
      hostIP: maybe.text,
      conditions: list(condition),
      containerStatuses: list(containerStatus),
      initContainerStatuses: list(containerStatus),
      ephemeralContainerStatuses: list(containerStatus),
    }),
  ),
});
export type PodSnapshot = z.infer<typeof PodSnapshot>;

const servicePort = z.object({
  name: maybe.text,
  port: z.number(),
  targetPort: z.optional(intOrString),
  protocol: maybe.text,
  nodePort: maybe.number,
  appProtocol: maybe.text,
});
export type ServicePort = z.infer<typeof servicePort>;

export const ServiceSnapshot = z.object({
  metadata,
  spec: z.object({
    type: maybe.text,
    clusterIP: maybe.text,
    clusterIPs: list(text),
    ipFamilies: list(text),
    ipFamilyPolicy: maybe.text,
    selector: z.optional(z.nullable(z.record(z.string(), z.string()))),
    ports: list(servicePort),
    sessionAffinity: maybe.text,
    sessionAffinityConfig: z.optional(
      z.object({ clientIP: z.optional(z.object({ timeoutSeconds: z.optional(z.nullable(z.number())) })) }),
    ),
    trafficDistribution: maybe.text,
    internalTrafficPolicy: maybe.text,
    externalTrafficPolicy: maybe.text,
    publishNotReadyAddresses: maybe.flag,
    externalName: maybe.text,
  }),
});
export type ServiceSnapshot = z.infer<typeof ServiceSnapshot>;

export const SliceSnapshot = z.object({
  metadata,
  addressType: maybe.text,
  ports: list(
    z.object({
      name: z.optional(z.nullable(z.string())),
      port: z.optional(z.nullable(z.number())),
      protocol: maybe.text,
    }),
  ),
  endpoints: list(
    z.object({
      addresses: z.array(text),
      conditions: z.optional(
        z.object({
          ready: z.optional(z.nullable(z.boolean())),
          serving: z.optional(z.nullable(z.boolean())),
          terminating: z.optional(z.nullable(z.boolean())),
        }),
      ),
      nodeName: z.optional(z.nullable(z.string())),
      zone: z.optional(z.nullable(z.string())),
      hints: z.optional(
        z.object({ forZones: list(z.object({ name: text })), forNodes: list(z.object({ name: text })) }),
      ),
      targetRef: z.optional(z.object({ kind: maybe.text, name: maybe.text, namespace: maybe.text, uid: maybe.text })),
    }),
  ),
});
export type SliceSnapshot = z.infer<typeof SliceSnapshot>;

export const WorkloadSnapshot = z.object({
  kind: text,
  metadata,
  spec: z.object({
    replicas: maybe.number,
    selector: z.optional(LabelSelector),
    template: z.object({
      metadata: z.optional(z.object({ labels })),
      spec: z.optional(z.object({ containers: list(container) })),
    }),
  }),
  status: z.optional(z.object({ replicas: maybe.number, readyReplicas: maybe.number, conditions: list(condition) })),
  /** Who last wrote `spec.replicas`, read from managedFields. */
  scaledBy: z.optional(z.object({ manager: text, time: maybe.text })),
});
export type WorkloadSnapshot = z.infer<typeof WorkloadSnapshot>;

export const NodeSnapshot = z.object({
  metadata,
  spec: z.object({ podCIDRs: list(text), unschedulable: maybe.flag }),
  status: z.object({ addresses: list(z.object({ type: text, address: text })), conditions: list(condition) }),
  /** `renewTime` of the node's Lease in kube-node-lease, null when there is none. */
  leaseRenewedAt: z.optional(z.nullable(z.string())),
});
export type NodeSnapshot = z.infer<typeof NodeSnapshot>;

export const NamespaceSnapshot = z.object({ metadata });
export type NamespaceSnapshot = z.infer<typeof NamespaceSnapshot>;

const policyPort = z.object({ protocol: maybe.text, port: z.optional(intOrString), endPort: maybe.number });
export type PolicyPort = z.infer<typeof policyPort>;
const policyPeer = z.object({
  podSelector: z.optional(z.nullable(LabelSelector)),
  namespaceSelector: z.optional(z.nullable(LabelSelector)),
  ipBlock: z.optional(z.nullable(z.object({ cidr: text, except: list(text) }))),
});
export type PolicyPeer = z.infer<typeof policyPeer>;

export const PolicySnapshot = z.object({
  metadata,
  spec: z.object({
    podSelector: z.optional(LabelSelector),
    policyTypes: list(text),
    ingress: list(z.object({ from: list(policyPeer), ports: list(policyPort) })),
    egress: list(z.object({ to: list(policyPeer), ports: list(policyPort) })),
  }),
});
export type PolicySnapshot = z.infer<typeof PolicySnapshot>;

/**
 * A policy, or a tier of policies, of any other API. What its spec means is read by src/netpol/read, which says what it cannot
 * read; so it is kept whole.
 */
export const OtherPolicySnapshot = z.object({
  apiVersion: text,
  kind: text,
  metadata,
  spec: z.optional(z.unknown()),
  /** CiliumNetworkPolicy may have several. */
  specs: z.optional(z.unknown()),
});
export type OtherPolicySnapshot = z.infer<typeof OtherPolicySnapshot>;

/** A group of the API server, with the versions it serves. */
export const ApiGroup = z.object({ group: text, versions: z.array(text) });
export type ApiGroup = z.infer<typeof ApiGroup>;

export const DaemonSetSnapshot = z.object({
  metadata,
  status: z.optional(z.object({ desiredNumberScheduled: maybe.number, numberReady: maybe.number })),
});
export type DaemonSetSnapshot = z.infer<typeof DaemonSetSnapshot>;

export const EventSnapshot = z.object({
  type: maybe.text,
  reason: maybe.text,
  message: maybe.text,
  count: maybe.number,
  lastTimestamp: z.optional(z.nullable(z.string())),
  eventTime: z.optional(z.nullable(z.string())),
  involvedObject: z.object({ kind: maybe.text, name: maybe.text, namespace: maybe.text, uid: maybe.text }),
});
export type EventSnapshot = z.infer<typeof EventSnapshot>;

export const AutoscalerSnapshot = z.object({
  metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: text, name: text }),
    minReplicas: z.optional(z.nullable(z.number())),
    maxReplicas: maybe.number,
  }),
  status: z.optional(z.object({ conditions: list(condition) })),
});
export type AutoscalerSnapshot = z.infer<typeof AutoscalerSnapshot>;

export const LeaseSnapshot = z.object({
  metadata,
  spec: z.object({
    holderIdentity: maybe.text,
    leaseDurationSeconds: maybe.number,
    renewTime: z.optional(z.nullable(z.string())),
  }),
});
export type LeaseSnapshot = z.infer<typeof LeaseSnapshot>;

/** That somebody wrote an object, as far as its managedFields or its revisions tell; the values that were written are not kept. */
export const ChangeSnapshot = z.object({
  object: z.object({ kind: text, namespace: maybe.text, name: text }),
  at: text,
  /** `Update`, `Apply`; `Rollout` for a new revision of a workload. */
  operation: text,
  manager: maybe.text,
  /** Fields below `spec` or `data`: `selector`, `ports`. */
  fields: z.array(text),
});
export type ChangeSnapshot = z.infer<typeof ChangeSnapshot>;

/** Name and namespace are all that is needed to suggest a near name. */
export const NameOnly = z.object({ metadata: z.object({ name: text, namespace: maybe.text }) });
export type NameOnly = z.infer<typeof NameOnly>;

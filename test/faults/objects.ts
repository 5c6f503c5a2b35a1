// Short ways to write the objects the faults need. Images are those every node of the lab has.
import type { KubeObject } from './lab.ts';

export const APP_IMAGE = 'localhost/app:1';
export const TOOLS_IMAGE = 'localhost/netshoot:latest';

export type Labels = Record<string, string>;

export interface ServicePort {
  name?: string;
  port: number;
  targetPort: number | string;
  nodePort?: number;
  protocol?: 'TCP' | 'UDP';
}

export function namespace(name: string, labels: Labels = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

export function service(
  where: string,
  name: string,
  selector: Labels,
  ports: ServicePort[],
  spec: object = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: where },
    spec: { selector, ports, ...spec },
  };
}

/** The app container: a web server on 8080 that answers with its host name. */
export function app(fields: object = {}): object {
  return {
    name: 'app',
    image: APP_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080 }],
    ...fields,
  };
}

export const tcpReadiness = { readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } };

/** A client: sleeps, so that it can stand on a node's network as well. */
export function client(where: string, name: string, labels: Labels, spec: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: where, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image: APP_IMAGE, imagePullPolicy: 'IfNotPresent', command: ['sleep', '1000000'] }],
      ...spec,
    },
  };
}

export interface DeploymentOptions {
  replicas?: number;
  container?: object;
  spec?: object;
  podSpec?: object;
}

export function deployment(where: string, name: string, options: DeploymentOptions = {}): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: where },
    spec: {
      replicas: options.replicas ?? 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [options.container ?? app(tcpReadiness)],
          ...options.podSpec,
        },
      },
      ...options.spec,
    },
  };
}

export function policy(where: string, name: string, spec: object): KubeObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: where }, spec };
}

/** Pinned to a node the way a person would do it. */
export function onNode(name: string): object {
  return { nodeSelector: { 'kubernetes.io/hostname': name } };
}

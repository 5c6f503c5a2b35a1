import type { PodSnapshot } from '../evidence/snapshots.ts';

/**
 * Names under which ingress controllers, gateways and scrapers are installed by their own charts and manifests.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/
 */
const PROGRAMS =
  /^(ingress|ingress-nginx|nginx-ingress|traefik|haproxy|haproxy-ingress|kubernetes-ingress|kong|contour|envoy|envoy-gateway|istio-ingressgateway|istio-ingress|emissary-ingress|ambassador|apisix|gateway|api-gateway|nginx-gateway|reverse-proxy|proxy|prometheus|prometheus-server|victoria-metrics|vmagent)$/;
const WORDS = /(^|-)(ingress|gateway|traefik|reverse-proxy|prometheus)(-|$)/;
const NAME_LABELS = ['app.kubernetes.io/name', 'app.kubernetes.io/component', 'app', 'k8s-app', 'name'];

/** Whether a Pod forwards or scrapes for others: an ingress controller, a gateway, a reverse proxy, Prometheus. By its names only. */
export function isController(pod: PodSnapshot): boolean {
  const labels = pod.metadata.labels ?? {};
  const names = NAME_LABELS.flatMap((key) => (Object.hasOwn(labels, key) ? (labels[key] ?? []) : []));
  return (
    names.some((name) => PROGRAMS.test(name) || WORDS.test(name)) ||
    WORDS.test(pod.metadata.namespace ?? '') ||
    WORDS.test(pod.metadata.name)
  );
}

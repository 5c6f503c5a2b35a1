import { type Evidence, factOf } from '../evidence/evidence.ts';
import type { Flow } from '../ladder/flow.ts';
import { works } from './connects.ts';
import { denialFacts, findDenials } from './denials.ts';
import { findEnforcer } from './enforcer.ts';
import { findPassages } from './passages.ts';
import { addressesOf, isStarting } from './pods.ts';
import { routedBackends, sourcePlace } from './routing.ts';
import { viewService } from './service-view.ts';

/** What has changed this shortly before a run may not have reached every node; kube-proxy needs a second or two. */
const SETTLING_MS = 15_000;

export type Doubt =
  | 'backends-start'
  | 'works-without-endpoints'
  | 'fails-with-endpoints'
  | 'denied-but-passes'
  | 'allowed-but-lost';

/**
 * Why objects and measurements contradict each other in a way that passes by itself; null when they do not.
 *
 * - `backends-start`: there is no endpoint, and a Pod behind the Service was made seconds ago and is about to start.
 * - `works-without-endpoints`: the Service address answers although no slice lists a backend. The node has not heard yet.
 * - `fails-with-endpoints`: every backend answers directly, the Service address does not, and the Service or a backend is
 *   only seconds old.
 * - `denied-but-passes`, `allowed-but-lost`: packets do what policies do not say, and the policy or a Pod is only seconds old.
 *   The policy engine of a node may not have heard of it.
 *
 * @param now the API server's clock at the start of the run, milliseconds since the epoch
 */
export function doubtAbout(evidence: Evidence, flow: Flow, now: number): Doubt | null {
  return aboutService(evidence, flow, now) ?? aboutPolicies(evidence, flow, now);
}

function aboutPolicies(evidence: Evidence, flow: Flow, now: number): Doubt | null {
  const facts = denialFacts(evidence);
  if (facts === null || facts.policies.length === 0 || findEnforcer(facts.daemonSets ?? []) === null) return null;
  const denials = findDenials(facts, flow);
  if (denials === null) return null;
  const isYoung = ({ metadata }: { readonly metadata: { readonly creationTimestamp?: string | null | undefined } }) =>
    now - Date.parse(metadata.creationTimestamp ?? '') < SETTLING_MS;
  const { source } = denials;
  const passes = denials.application.filter(({ measured }) => measured === 'passes');
  if (passes.some(({ isolatedBy, peers }) => [...isolatedBy, ...peers, source].some(isYoung)))
    return 'denied-but-passes';
  const lost = findPassages(facts, flow).filter(({ result }) => result === 'dropped' || result === 'rejected');
  return lost.some(({ policy, pod }) => [policy, pod, source].some(isYoung)) ? 'allowed-but-lost' : null;
}

function aboutService(evidence: Evidence, flow: Flow, now: number): Doubt | null {
  const endpoints = factOf(evidence, 'endpoints');
  const view = viewService(factOf(evidence, 'service'), endpoints, flow);
  const connects = factOf(evidence, 'serviceConnects') ?? [];
  if (view === null) return null;
  if (view.used.length === 0 && view.pods.some((pod) => isStarting(pod, { now, withinMs: SETTLING_MS })))
    return 'backends-start';
  if (connects.length === 0) return null;
  if (view.used.length === 0) return connects.some(works) ? 'works-without-endpoints' : null;
  if (connects.every(works)) return null;
  const { backends } = routedBackends(view.used, view.service, sourcePlace(evidence));
  const direct = factOf(evidence, 'backendConnects') ?? [];
  const allAnswer = backends.every(({ address }) =>
    direct.some((reading) => reading.address === address && works(reading)),
  );
  if (backends.length === 0 || !allAnswer) return null;
  const times = [
    view.service.metadata.creationTimestamp,
    ...view.pods
      .filter((pod) => backends.some(({ address }) => addressesOf(pod).includes(address)))
      .map((pod) => pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime),
  ];
  const isYoung = times.some((time) => time != null && now - Date.parse(time) < SETTLING_MS);
  return isYoung ? 'fails-with-endpoints' : null;
}

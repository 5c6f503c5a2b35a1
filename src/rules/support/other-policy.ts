/** What the two rules about policies of other APIs have in common. */
import { DENIAL_NEEDS, DENIAL_USES, type DenialFacts } from '../../derive/denials.ts';
import { findEnforcer } from '../../derive/enforcer.ts';
import { findOtherDenials, type OtherDenial } from '../../derive/other-denials.ts';
import { targetName } from '../../derive/policy-fix.ts';
import { found } from '../../evidence/collected.ts';
import type { ApiGroup } from '../../evidence/snapshots.ts';
import type { PolicyObject } from '../../netpol/policy.ts';
import { walkLines } from '../../netpol/verdict.ts';
import {
  type Confidence,
  type Context,
  type Fault,
  type FixStep,
  faults,
  type Judgement,
  notApplicable,
  unsure,
} from '../rule.ts';
import { showReading } from './denied.ts';

export const OTHER_NEEDS = DENIAL_NEEDS;
export const OTHER_USES = [...DENIAL_USES, 'policyApis'] as const;

/** `kubectl get clusternetworkpolicy.policy.networking.k8s.io deny -o yaml`. */
export function getCommand({ kind, apiVersion, namespace, name }: PolicyObject): string {
  const [group] = apiVersion.split('/');
  return `kubectl${namespace === null ? '' : ` -n ${namespace}`} get ${kind.toLowerCase()}.${group} ${name} -o yaml`;
}

/**
 * The findings of one of the two rules: each denial that is `mine`, DNS by the same policy as part of it.
 *
 * @param unread why finding nothing proves nothing; null when all was read
 */
export function judgeOthers(
  facts: DenialFacts,
  context: Context,
  rule: {
    readonly mine: (policy: PolicyObject) => boolean;
    readonly say: (denial: OtherDenial, what: string) => string;
    readonly fix: (denial: OtherDenial) => readonly FixStep[];
    readonly unread: string | null;
    readonly otherwise: string;
  },
): Judgement {
  const source = found(facts.sourcePod);
  if (source === null) return notApplicable('the source Pod does not exist');
  const enforcer = facts.daemonSets === null ? undefined : findEnforcer(facts.daemonSets);
  const all = findOtherDenials(facts, context.flow).filter(({ policy }) => rule.mine(policy));
  // What is not certain counts once packets say so, and what nothing enforces does not.
  const counted = all.filter(({ open, measured }) =>
    measured === 'dropped' || measured === 'rejected'
      ? true
      : open === null && !(enforcer === null && measured === 'not-measured'),
  );
  const own = counted.filter(
    (denial) => denial.traffic === 'application' || !counted.some((other) => isSameOmission(other, denial)),
  );
  const blamed = own.map((denial): Fault => {
    const dns = counted.find((other) => isSameOmission(denial, other));
    const far = denial.traffic === 'dns' ? 'the cluster DNS' : targetName(context.flow);
    const what = `${source.metadata.name} to ${far} on ${denial.protocol} ${denial.port}${dns === undefined ? '' : ', and to the cluster DNS'}`;
    const passes = denial.measured === 'passes';
    return {
      subject: {
        kind: denial.policy.kind,
        ...(denial.policy.namespace === null ? {} : { namespace: denial.policy.namespace }),
        name: denial.policy.name,
      },
      summary: rule.say(denial, what),
      confidence: confidenceOf(denial, enforcer !== null),
      blocks: passes ? null : denial.traffic === 'dns' || dns !== undefined ? 'name' : 'path',
      ...(denial.traffic === 'dns' ? {} : { addresses: denial.addresses }),
      evidence: [
        ...walkLines(denial.walk).map((saw) => ({
          vantage: 'api' as const,
          command: getCommand(denial.policy),
          saw: `${denial.direction}, ${saw}`,
        })),
        ...denial.readings.slice(0, 3).map(showReading),
        ...(denial.control === null
          ? []
          : [{ ...showReading(denial.control), saw: `${showReading(denial.control).saw} (control on the same node)` }]),
      ],
      fix: rule.fix(denial),
    };
  });
  return blamed.length === 0 && rule.unread !== null ? unsure('api', rule.unread) : faults(blamed, rule.otherwise);
}

function isSameOmission(application: OtherDenial, dns: OtherDenial): boolean {
  return application.traffic === 'application' && dns.traffic === 'dns' && application.policy === dns.policy;
}

function confidenceOf({ measured, open, control }: OtherDenial, enforcerMayBe: boolean): Confidence {
  if (measured === 'dropped' || measured === 'rejected') {
    const path = control !== null || measured === 'rejected';
    if (open !== null) return path ? 'likely' : 'possible';
    return path ? 'proven' : 'likely';
  }
  return measured === 'not-measured' && enforcerMayBe ? 'likely' : 'possible';
}

/** Why nothing can be said about policies of these groups: they are served and were not read. */
export function unreadGroups(
  groups: readonly ApiGroup[] | null,
  matches: (group: string) => boolean,
  read: readonly unknown[] | null,
): string | null {
  const served = (groups ?? []).filter(({ group }) => matches(group)).map(({ group }) => group);
  return served.length > 0 && read === null ? `policies of ${served.join(', ')} could not be read` : null;
}

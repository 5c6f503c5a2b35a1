import { usedBackends } from '../../derive/backends.ts';
import { dnsBackends } from '../../derive/dns.ts';
import { isReady, stoppedBecause } from '../../derive/pods.ts';
import { parseCorefile } from '../../dns/corefile.ts';
import { unknownPlugins } from '../../dns/plugins.ts';
import { found } from '../../evidence/collected.ts';
import { clear, defineRule, faults, notApplicable } from '../rule.ts';
import { COREDNS_CONFIG, EDIT_COREFILE, proofOfLog } from '../support/dns.ts';

export default defineRule({
  id: 'dns-corefile-syntax-error',
  rung: 'D',
  title: 'CoreDNS cannot read its configuration',
  needs: ['dnsPods'],
  uses: ['dnsLogs', 'corefile', 'dnsService', 'dnsSlices'],
  lookAlikes: ['dns-forward-loop', 'dns-coredns-overloaded', 'dns-coredns-down'],
  explains: ['dns-coredns-down', 'dns-replica-partial'],
  judge({ dnsPods, dnsLogs, corefile, dnsService, dnsSlices }, { flow, seen }) {
    if (dnsPods.length === 0) return notApplicable('the cluster DNS has no Pods');
    const down = dnsPods.filter((pod) => !isReady(pod));
    const errors = (dnsLogs ?? []).filter(({ kind }) => kind === 'syntax-error' || kind === 'reload-failed');
    const [error] = errors;
    const parsed = found(corefile) === null ? null : parseCorefile(found(corefile) ?? '');
    const suspect = parsed === null ? undefined : (parsed.problems[0] ?? unknownPlugins(parsed)[0]);
    const crashing = down.find((pod) => /CrashLoop|Error/.test(stoppedBecause(pod)?.reason ?? ''));
    if (error === undefined && !(crashing !== undefined && suspect !== undefined))
      return clear(
        dnsLogs === null
          ? 'no Pod of the cluster DNS crashes over a Corefile that looks wrong'
          : 'no Pod of the cluster DNS complains about its Corefile',
      );
    const service = found(dnsService);
    const used =
      service === null || dnsSlices === null ? null : usedBackends(dnsBackends(service, dnsSlices, dnsPods)).length;
    const line = error?.corefileLine ?? suspect?.line;
    const words =
      error === undefined
        ? 'text' in (suspect ?? {})
          ? (suspect as { text: string }).text
          : `unknown plugin ${(suspect as { name: string }).name}`
        : (/Error during parsing: (.*)$/.exec(error.text)?.[1] ?? error.text);
    const still = dnsPods.length - down.length;
    return faults(
      [
        {
          subject: COREDNS_CONFIG,
          summary: `CoreDNS cannot start with its Corefile${line === undefined ? '' : `, line ${line}`}: ${words}. ${still === 0 ? `None of its ${dnsPods.length} Pods runs` : `${still} of ${dnsPods.length} Pods still run with the configuration from before`}.`,
          confidence: error === undefined ? 'likely' : 'proven',
          blocks: used === 0 && !flow.byAddress ? 'name' : null,
          evidence: [
            ...errors.slice(0, 2).map(proofOfLog),
            ...(error === undefined && line !== undefined ? [seen('corefile', `line ${line}: ${words}`)] : []),
            seen('dnsPods', `${still} of ${dnsPods.length} Pods Ready`),
          ],
          fix: EDIT_COREFILE,
        },
      ],
      '',
    );
  },
});

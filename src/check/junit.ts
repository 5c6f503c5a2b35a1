import type { JunitCase, JunitSuite } from '../report/junit.ts';
import { detailLines, labelOf } from './lines.ts';
import type { CheckFacts, FlowResult } from './result.ts';

/** One case for each flow, in the order of the files. Inconclusive is an error: what was not carried out has not passed. */
export function junitSuite(results: readonly FlowResult[], facts: CheckFacts): JunitSuite {
  return {
    name: 'netdebug check',
    startedAt: facts.startedAt.toISOString(),
    seconds: facts.durationMs / 1000,
    properties: { 'netdebug.version': facts.version, 'netdebug.access': facts.access },
    cases: results.map((result) => ({
      name: labelOf(result.flow, { unicode: true }),
      classname: `netdebug.${result.flow.at.file.replaceAll('.', '_')}`,
      seconds: result.seconds,
      outcome: outcomeOf(result, facts),
    })),
  };
}

function outcomeOf(result: FlowResult, { access }: CheckFacts): JunitCase['outcome'] {
  const { outcome, says, because } = result;
  if (outcome === 'ok') return { kind: 'passed' };
  const details = detailLines(result, { access, connection: '' }, { color: false, unicode: true }).join('\n');
  if (outcome === 'mismatch') return { kind: 'failed', type: because[0] ?? 'reachable', message: says, details };
  return { kind: 'error', type: outcome, message: says, details };
}

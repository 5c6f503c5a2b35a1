import { describe, expect, it } from 'vitest';
import { logOf } from '../../src/report/log.ts';
import { runOf } from '../support/run.ts';

describe('the log of a run', () => {
  it('marks what failed on the path, and not what only helps to tell causes apart', () => {
    const { climb } = runOf({ network: (address) => (address.startsWith('10.96.0.10') ? 'answered' : 'lost') });
    const kindOf = (command: string | null) =>
      Object.entries(climb.results)
        .filter(([, result]) => 'command' in result && result.command === command)
        .map(([id]) => climb.probes[id]?.spec.kind)[0];
    const lost = logOf(climb).filter(({ saw }) => saw.startsWith('no answer'));
    const resultsOf = (kind: string) =>
      new Set(lost.filter(({ command }) => kindOf(command) === kind).map(({ result }) => result));
    expect(resultsOf('backendConnects')).toEqual(new Set(['faulty']));
    expect(resultsOf('serviceConnects')).toEqual(new Set(['faulty']));
    expect(resultsOf('nodeConnects')).toEqual(new Set(['not-applicable']));
  });
});

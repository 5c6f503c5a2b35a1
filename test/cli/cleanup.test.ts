import { describe, expect, it } from 'vitest';
import { cleanupText, type Fate } from '../../src/cli/cleanup.ts';

const AT = { namespace: null, serverTimeMs: Date.parse('2026-11-21T03:05:00Z') };
const onNode: Fate = {
  kind: 'Pod',
  namespace: 'shop',
  pod: 'netdebug-n1-x',
  name: 'netdebug-n1-x',
  node: 'n1',
  isRunning: true,
  since: '2026-11-21T03:00:00Z',
  fate: 'left',
  because: null,
};
const container: Fate = { ...onNode, kind: 'EphemeralContainer', pod: 'web', name: 'netdebug' };

describe('what cleanup prints', () => {
  it('says that nothing is left', () => {
    expect(cleanupText([], AT)).toBe('Nothing of kubectl netdebug is left.\n');
    expect(cleanupText([], { ...AT, namespace: 'shop' })).toBe(
      'Nothing of kubectl netdebug is left in namespace shop.\n',
    );
  });

  it('lists what is left, how it would end, and the command that removes it', () => {
    expect(cleanupText([onNode, container, { ...onNode, isRunning: false }], AT)).toBe(`Left by kubectl netdebug:
  shop  Pod netdebug-n1-x  runs for 5 min; ends ten minutes after it began
  shop  container netdebug in Pod web  runs for 5 min; ends by itself when unused for 15 minutes
  shop  Pod netdebug-n1-x  has ended
To remove them, when nobody is using them:
  kubectl netdebug cleanup --yes
`);
  });

  it('tells what became of each', () => {
    const fates: readonly Fate[] = [
      { ...onNode, fate: 'removed' },
      { ...container, fate: 'ending' },
      { ...container, pod: 'api', fate: 'failed', because: 'pods "api" is forbidden' },
    ];
    expect(cleanupText(fates, { ...AT, namespace: 'shop' })).toBe(`Left by kubectl netdebug in namespace shop:
  shop  Pod netdebug-n1-x  removed
  shop  container netdebug in Pod web  ends within 15 s
  shop  container netdebug in Pod api  not removed: pods "api" is forbidden
`);
  });
});

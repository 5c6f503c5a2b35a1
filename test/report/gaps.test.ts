import { describe, expect, it } from 'vitest';
import { gapsInShort } from '../../src/report/gaps.ts';
import type { Report, ReportGap } from '../../src/report/report.ts';

const flow = { access: 'source' } as Report['flow'];
const refused = (what: string, verb: string, resource: string, user = 'dev'): ReportGap => ({
  what,
  reason: 'forbidden',
  detail: `${resource} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "" at the cluster scope`,
  unlock: `kubectl auth can-i ${verb} ${resource}`,
});
const noTool = (tool: string): ReportGap => ({
  what: 'everything that is measured from the source Pod',
  reason: 'tool-missing',
  detail: `the image has no ${tool}`,
  unlock: '--image nicolaka/netshoot:v0.16',
});
const slow: ReportGap = { what: 'events', reason: 'timed-out', detail: 'no answer in 10 s', unlock: null };

describe('the gaps of a report, for people', () => {
  it('name all that may not be read in one line, with what shows the rights for it', () => {
    expect(
      gapsInShort({ flow, gaps: [refused('nodes', 'get', 'nodes'), slow, refused('NetworkPolicies', 'list', 'x')] }),
    ).toEqual([
      {
        what: 'nodes; NetworkPolicies',
        reason: 'forbidden',
        detail: 'dev may not read them',
        unlock: 'kubectl netdebug permissions --access source',
      },
      slow,
    ]);
  });

  it('do not say who, where several were refused', () => {
    const [first] = gapsInShort({ flow, gaps: [refused('a', 'get', 'a'), refused('b', 'get', 'b', 'ops')] });
    expect(first?.detail).toBe('they may not be read');
  });

  it('leave a single one as it is, and what is no read', () => {
    const patch: ReportGap = {
      what: 'everything that is measured from the source Pod',
      reason: 'forbidden',
      detail: 'pods "web" is forbidden: User "dev" cannot patch resource "pods/ephemeralcontainers"',
      unlock: 'kubectl netdebug permissions --access source -n shop',
    };
    const gaps = [refused('nodes', 'get', 'nodes'), patch];
    expect(gapsInShort({ flow, gaps })).toEqual(gaps);
  });

  it('name all programs that the image lacks in one line, each once', () => {
    expect(gapsInShort({ flow, gaps: [noTool('dig'), noTool('curl'), noTool('dig')] })).toEqual([
      { ...noTool('dig'), detail: 'the image has no dig, curl' },
    ]);
  });

  it('are none when there are none', () => {
    expect(gapsInShort({ flow, gaps: [] })).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { proposalLines, type ReportProposal } from '../../src/report/proposal.ts';

const end = (name: string, changes: Partial<ReportProposal['ends'][number]> = {}): ReportProposal['ends'][number] => ({
  traffic: 'application',
  pod: { namespace: 'shop', name },
  port: 8080,
  protocol: 'TCP',
  before: 'deny',
  after: 'allow',
  egress: 'no policy denies it',
  ingress: 'NetworkPolicy shop/new, ingress rule 1: app=web',
  ...changes,
});
const proposal: ReportProposal = {
  files: ['new.yaml'],
  unjudged: null,
  policies: [
    { policy: 'NetworkPolicy shop/new', change: 'add' },
    { policy: 'NetworkPolicy shop/deny', change: 'replace' },
  ],
  problems: ['new.yaml: Service api is no policy; it is left out.'],
  before: 'deny',
  after: 'allow',
  ends: [
    end('coredns-a', {
      traffic: 'dns',
      port: 53,
      protocol: 'UDP',
      before: 'allow',
      ingress: 'no policy denies it',
    }),
    end('api-a'),
    end('api-b'),
  ],
};

describe('the lines of a proposal', () => {
  it('say what would be applied, and what becomes of the flow', () =>
    expect(proposalLines(proposal)).toEqual([
      "new.yaml: NetworkPolicy shop/new (new), NetworkPolicy shop/deny (in the place of today's)",
      'This flow: denied today, then allowed',
      'DNS, shop/coredns-a UDP 53: allowed, as today; egress: no policy denies it; ingress: no policy denies it',
      'shop/api-a and 1 more TCP 8080: denied today, then allowed; egress: no policy denies it; ingress: NetworkPolicy shop/new, ingress rule 1: app=web',
      'new.yaml: Service api is no policy; it is left out.',
    ]));

  it('say why nobody can tell', () =>
    expect(
      proposalLines({
        ...proposal,
        unjudged: 'NetworkPolicies could not be read',
        policies: [],
        problems: [],
        ends: [],
      }),
    ).toEqual(['new.yaml: not judged, NetworkPolicies could not be read']));
});

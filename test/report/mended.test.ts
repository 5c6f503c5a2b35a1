import { describe, expect, it } from 'vitest';
import { mendedLines } from '../../src/report/mended.ts';
import type { Report } from '../../src/report/report.ts';

const broken = {
  verdict: 'fault',
  findings: [
    { id: 'zone-routing-imbalance', role: 'risk', summary: 'No.', confidence: 'likely', subject: {}, fix: [] },
    {
      id: 'targetport-wrong',
      role: 'cause',
      summary: 'Service api sends to port 8081, where nothing listens.',
      confidence: 'proven',
      subject: { kind: 'Service', namespace: 'shop', name: 'api' },
      fix: [{ say: 'Look first' }, { say: 'Then', run: 'kubectl -n shop patch service api' }],
    },
  ],
} as unknown as Report;
const healthy = { verdict: 'healthy', findings: [] } as unknown as Report;

describe('what was wrong before all was well', () => {
  it('is the cause, what it is about, and what there was to type', () => {
    expect(mendedLines(broken, healthy)).toEqual([
      'Before  Service api sends to port 8081, where nothing listens.',
      '        targetport-wrong · proven · Service shop/api',
      '        Its fix: kubectl -n shop patch service api',
    ]);
  });

  it('is nothing while something is wrong, after a first check, and after one that was well', () => {
    expect(mendedLines(broken, broken)).toEqual([]);
    expect(mendedLines(null, healthy)).toEqual([]);
    expect(mendedLines(healthy, healthy)).toEqual([]);
  });
});

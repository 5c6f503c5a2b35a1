import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Case, judgeCase } from './judge.ts';

/** Cases with the answers of other projects' own tests; they are not part of this repository. */
const folder = process.env.NETPOL_CASES ?? join(import.meta.dirname, '../../../shared/netpol-cases');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
if (files.length === 0)
  console.warn(
    `The cases of other projects were not judged: no *.jsonl in ${folder} (NETPOL_CASES names another folder).`,
  );

describe.skipIf(files.length === 0)('cases of other projects', () => {
  it.each(files)(
    '%s: every query has the expected answer',
    (file) => {
      const wrong: string[] = [];
      let asked = 0;
      for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
        if (line.trim() === '') continue;
        const given = JSON.parse(line) as Case;
        const { verdicts } = judgeCase(given);
        given.queries.forEach(({ src, dst, port, protocol, ...query }, index) => {
          const got = verdicts[index];
          asked++;
          const right =
            got?.verdict === query.expect &&
            (query.egress ?? got?.egress) === got?.egress &&
            (query.ingress ?? got?.ingress) === got?.ingress;
          if (!right)
            wrong.push(
              `${given.case}: ${JSON.stringify({ src, dst, port, protocol })} expected ${JSON.stringify(query)}, got ${JSON.stringify(got)}`,
            );
        });
      }
      expect(asked).toBeGreaterThan(0);
      expect(wrong.slice(0, 10), `${wrong.length} of ${asked}`).toEqual([]);
    },
    60_000,
  );
});

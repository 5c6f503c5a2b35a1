// `npm run --silent policy:judge`: cases on stdin, one JSON object a line; a line with the verdicts of each on stdout.
import { createInterface } from 'node:readline';
import { type Case, judgeCase } from './judge.ts';

let number = 0;
for await (const line of createInterface({ input: process.stdin })) {
  number++;
  if (line.trim() === '') continue;
  const given = read(line);
  if (given === null) {
    console.error(`line ${number} is no case: it needs the fields "case", "resources" and "queries"`);
    console.log(JSON.stringify({ case: `line ${number}`, verdicts: [] }));
    process.exitCode = 2;
    continue;
  }
  const { verdicts, problems } = judgeCase(given);
  for (const problem of problems) console.error(`${given.case}: ${problem}`);
  console.log(JSON.stringify({ case: given.case, verdicts }));
}

function read(line: string): Case | null {
  try {
    const given = JSON.parse(line) as Partial<Case> | null;
    const isCase = Array.isArray(given?.resources) && Array.isArray(given.queries);
    return isCase ? ({ case: `line ${number}`, ...given } as Case) : null;
  } catch {
    return null;
  }
}

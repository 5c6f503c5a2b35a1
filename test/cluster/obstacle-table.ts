import type { Run } from './stage.ts';

interface Row extends Run {
  readonly done: string;
}

const VERDICTS: Readonly<Record<number, string>> = {
  0: 'healthy',
  1: 'fault',
  2: 'wrong usage',
  3: 'inconclusive',
  4: 'could not run',
};

/** What was in the way, and what was said then, as it was said. */
export class ObstacleTable {
  readonly #rows: Row[] = [];

  /** @param done what was done to the cluster, or to whoever asks */
  async row(done: string, work: () => Promise<Run>): Promise<Run> {
    const run = await work();
    this.#rows.push({ ...run, done });
    return run;
  }

  markdown(versions: string): string {
    const text = (run: Run): string => (run.stdout.trim() === '' ? run.stderr : run.stdout).trim();
    return `# What stands in the way, and what is said then

Written by \`npm run obstacles\` from runs on the lab (${versions.split('\n').at(-1)?.trim()}): a healthy flow where nothing else is said, access \`source\`.

| what was done | verdict | exit code | seconds |
|---|---|---|---|
${this.#rows.map(({ done, exitCode, seconds }) => `| ${done} | ${VERDICTS[exitCode ?? -1] ?? '-'} | ${exitCode} | ${seconds.toFixed(1)} |`).join('\n')}

${this.#rows.map((run) => `## ${run.done[0]?.toUpperCase()}${run.done.slice(1)}\n\n\`\`\`\n${text(run)}\n\`\`\`\n`).join('\n')}`;
  }
}

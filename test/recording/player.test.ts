/** On the recordings of the demo, which the lab made. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeClimb } from '../../src/cli/judge.ts';
import { STORIES } from '../../src/demo/stories.ts';
import type { RunLine } from '../../src/recording/line.ts';
import { Player } from '../../src/recording/player.ts';
import { Redactor } from '../../src/recording/redact.ts';
import { replayed } from '../../src/recording/replayed.ts';
import { type RunFile, readRunFile } from '../../src/recording/run-file.ts';
import { COMMON_NAMES } from '../../src/recording/vocabulary.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { climbOf, type Session } from '../../src/session/session.ts';

const folder = join(import.meta.dirname, '../../src/demo/recordings');
const names = readdirSync(folder).map((file) => basename(file, '.ndjson'));
const textOf = (name: string): string => readFileSync(join(folder, `${name}.ndjson`), 'utf8');
const fileOf = (name: string): RunFile => readRunFile(textOf(name), name);

function reportOf(session: Session, file: RunFile): Report {
  const climb = climbOf(session);
  if (climb === null || climb.endedMs === null) throw new Error(`no verdict, but ${session.phase}`);
  return buildReport(climb, judgeClimb(climb, true), {
    version: file.header.tool.version,
    startedAt: new Date(file.header.startedAt),
    durationMs: climb.endedMs - climb.sinceMs,
  });
}

/** What a rule decides, without sentences. */
const judgement = (report: Report | null) => ({
  verdict: report?.verdict,
  rungs: Object.entries(report?.rungs ?? {}).map(([rung, { state }]) => `${rung} ${state}`),
  findings: report?.findings.map(({ id, role, confidence, explainedBy }) => ({ id, role, confidence, explainedBy })),
});

it('every story has its recording, and every recording its story', () =>
  expect([...names].sort()).toEqual(STORIES.map(({ name }) => name).sort()));

describe.each(STORIES.map(({ name }) => name))('the recording %s', (name) => {
  const file = fileOf(name);

  it('gives the report of then when it is judged again, to the millisecond', async () => {
    // Through JSON, as the one of then went.
    const report = JSON.parse(JSON.stringify(reportOf(await replayed(file), file))) as Report;
    // What runs are asked only since then is a gap, and changes nothing else.
    const gaps = report.gaps.filter(({ detail }) => detail !== 'this was not asked when the run was recorded');
    // A part of the report that is newer than the recording is not in it.
    const { way = undefined } = file.report as { way?: unknown };
    expect({ ...report, gaps, ...(way === undefined ? { way } : {}) }).toEqual(file.report);
  });

  it('keeps its verdict when the names are taken out, and keeps no name', async () => {
    const redactor = new Redactor();
    const lines = textOf(name)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunLine)
      .filter((line) => 'type' in line)
      .map((line) => JSON.stringify(redactor.line(line)));
    const text = [...lines, JSON.stringify(file.report)].map((line) => `${line}\n`).join('');
    const redacted = readRunFile(text, 'redacted');
    expect(judgement(reportOf(await replayed(redacted), redacted))).toEqual(judgement(file.report));

    const shown = new Set(lines.join('\n').match(/[\p{L}\p{N}_-]+/gu));
    expect(namesIn(textOf(name)).filter((word) => shown.has(word))).toEqual([]);
    for (const address of addressesIn(textOf(name))) expect(lines.join('\n')).not.toContain(`"${address}"`);
  });
});

/** The words of all names, namespaces, labels and nodes that objects of the recording have. */
function namesIn(text: string): readonly string[] {
  const words = new Set<string>();
  const add = (value: unknown): void => {
    for (const word of String(value).match(/[\p{L}\p{N}_-]+/gu) ?? []) words.add(word);
  };
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      if (['name', 'namespace', 'nodeName', 'uid', 'pod', 'context', 'typed'].includes(key) && typeof item === 'string')
        add(item);
      else if (['labels', 'matchLabels'].includes(key))
        Object.entries(item as object)
          .flat()
          .forEach(add);
      else visit(item);
    }
  };
  for (const line of text.trimEnd().split('\n')) {
    const value = JSON.parse(line) as { type?: string };
    if (value.type !== undefined) visit(value);
  }
  // Numbers, words used everywhere, port names, which keep what they say about the protocol, and the lab's policy agent.
  return [...words].filter((word) => !COMMON_NAMES.has(word) && !/^\d+$/.test(word) && !PROTOCOLS.has(word));
}

const PROTOCOLS = new Set(['http', 'tcp', 'dns', 'dns-tcp', 'metrics', 'netpol-enforcer']);

function addressesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\b10\.(?:\d+\.){2}\d+\b/g))];
}

describe('a recording', () => {
  const whole = fileOf('app-loopback-only');

  it('is played at its pace, and faster when asked', async () => {
    const waited = async (speed: number): Promise<number> => {
      let ms = 0;
      await new Player({
        file: whole,
        speed,
        onChange: () => undefined,
        pause: async (pause) => {
          ms += pause;
        },
      }).start();
      return ms;
    };
    const last = Math.max(...whole.events.map(({ atMs }) => atMs));
    expect(await waited(1)).toBeCloseTo(last, 0);
    expect(await waited(4)).toBeCloseTo(last / 4, 0);
    expect(await waited(Number.POSITIVE_INFINITY)).toBe(0);
  });

  it('that was cut off is judged up to there, wherever that is', async () => {
    const lines = textOf('app-loopback-only').split('\n');
    const verdicts: string[] = [];
    for (let length = 1; length < lines.length - 1; length++) {
      const cut = readRunFile(
        lines
          .slice(0, length)
          .map((line) => `${line}\n`)
          .join(''),
        'cut',
      );
      const session = await replayed(cut);
      if (!cut.events.some(({ type }) => type === 'resolved')) {
        expect(session.phase).toBe('resolving');
        continue;
      }
      const report = reportOf(session, cut);
      verdicts.push(report.verdict);
      // What was not seen any more is a gap, never a zero.
      if (report.verdict !== 'fault')
        expect(report.gaps.map(({ detail }) => detail).join()).toContain('recording ends');
    }
    expect(verdicts).not.toContain('healthy');
    expect(verdicts[0]).toBe('inconclusive');
    expect(verdicts.at(-1)).toBe('fault');
    // Every line is judged anew: seconds on a busy machine.
  }, 30_000);

  const without = (kind: string): RunFile => ({
    ...fileOf('healthy'),
    events: fileOf('healthy').events.filter((event) => event.type !== 'evidence-settled' || event.kind !== kind),
  });

  it('makes a gap of what is asked today and was not then, told where it might have decided', async () => {
    const older = without('endpoints');
    const report = reportOf(await replayed(older), older);
    expect(report.verdict).toBe('inconclusive');
    expect(report.gaps.map(({ detail }) => detail)).toContain('this was not asked when the run was recorded');
  });

  it('says nothing of what was not asked then where the verdict stands without it', async () => {
    const older = without('policies');
    const report = reportOf(await replayed(older), older);
    expect(report.verdict).toBe('healthy');
    expect(report.gaps).toEqual([]);
  });

  it('cuts the hesitation of a person short, and times the run without it', async () => {
    const healthy = fileOf('healthy');
    const granted = healthy.events.find(({ type }) => type === 'access-granted');
    if (granted === undefined) throw new Error('nobody granted anything');
    const slow: RunFile = {
      ...healthy,
      events: healthy.events.map((event) =>
        event.atMs >= granted.atMs && event !== granted
          ? { ...event, atMs: event.atMs + 60_000 }
          : event === granted
            ? { ...event, atMs: event.atMs + 60_000 }
            : event,
      ),
    };
    let waited = 0;
    const player = new Player({
      file: slow,
      speed: 1,
      onChange: () => undefined,
      pause: async (ms) => {
        waited += ms;
      },
    });
    await player.start();
    expect(waited).toBeLessThan(10_000);
    expect(reportOf(player.session, slow).durationMs).toBeLessThanOrEqual(healthy.report?.durationMs ?? 0);
  });
});

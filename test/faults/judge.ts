// Holds what the tool said against what it had to say. Pure, so that it can be tested without a lab.
import type { Confidence, Role, Subject } from './define.ts';

export interface Finding {
  id: string;
  role: Role;
  confidence: Confidence;
  subject: Subject;
  summary?: string;
  evidence?: { saw: string }[];
  fix?: { say: string; run?: string }[];
}

export interface Report {
  verdict: string;
  findings: Finding[];
  gaps?: { what: string; detail: string }[];
}

/** One run of the tool. */
export interface Said {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface Expected {
  id: string;
  role: Role;
  subject: Subject;
  confidence?: Confidence[];
  /** A part of its sentence, or of what it says can be done. */
  says?: string;
}

export interface Judgement {
  named: string;
  confidence: string;
  /** '' when the tool said what it had to say */
  problem: string;
}

const SURE: Confidence[] = ['proven', 'likely'];
const BLOCKING: Role[] = ['cause', 'next-blocker'];

export function readReport({ stdout, stderr, exitCode }: Said): Report {
  let report: Partial<Report> & { schemaVersion?: number };
  try {
    report = JSON.parse(stdout);
  } catch {
    const words = (stderr.trim() || stdout.trim() || 'no output').split('\n').slice(-3).join(' / ');
    throw new Error(`no JSON on stdout (exit ${exitCode}): ${words.slice(0, 300)}`);
  }
  if (report.schemaVersion !== 1) throw new Error(`schemaVersion ${report.schemaVersion} instead of 1`);
  if (!Array.isArray(report.findings) || typeof report.verdict !== 'string')
    throw new Error('no verdict or no findings in the JSON');
  return report as Report;
}

export const inWords = ({ kind, namespace, name }: Subject): string =>
  `${kind} ${namespace ? `${namespace}/` : ''}${name}`;

const list = (findings: { id: string; role: Role }[]): string =>
  findings.map(({ id, role }) => `${id} (${role})`).join(', ') || 'none';

/** What such a claim rests on; without it nobody finds out what happened. */
const sawIn = (findings: Finding[]): string => {
  const saw = findings.flatMap(({ evidence = [] }) => evidence.map((one) => one.saw));
  return saw.length === 0 ? '' : `: ${saw.join('; ')}`;
};

/** A healthy flow: verdict healthy, exit 0, nothing called a cause or a blocker. */
export function judgeHealthy(said: Said): Judgement {
  return judged(said, (report) => {
    const blamed = report.findings.filter(({ role }) => BLOCKING.includes(role));
    if (blamed.length > 0) return `blames ${list(blamed)} on a healthy flow${sawIn(blamed)}`;
    if (report.verdict !== 'healthy') {
      const gaps = (report.gaps ?? []).map(({ what, detail }) => `${what}: ${detail}`).join('; ');
      return `verdict ${report.verdict} instead of healthy${gaps === '' ? '' : ` (${gaps})`}`;
    }
    if (said.exitCode !== 0) return `exit ${said.exitCode} instead of 0`;
    return '';
  });
}

/** A broken flow: exactly the expected causes and blockers, in that order, before everything else; exit 1. */
export function judgeBroken(said: Said, expected: Expected[]): Judgement {
  return judged(said, (report) => {
    if (report.verdict !== 'fault')
      return `verdict ${report.verdict} instead of fault; findings: ${list(report.findings)}`;
    for (const [rank, want] of expected.entries()) {
      const got = report.findings[rank];
      const where = expected.length === 1 ? '' : ` at rank ${rank + 1}`;
      if (got?.id !== want.id)
        return `names ${got?.id ?? 'nothing'} instead of ${want.id}${where}; findings: ${list(report.findings)}${sawIn(report.findings.slice(rank, rank + 1))}`;
      if (got.role !== want.role) return `${want.id} is called ${got.role} instead of ${want.role}`;
      if (inWords(got.subject) !== inWords(want.subject))
        return `${want.id} on ${inWords(got.subject)} instead of ${inWords(want.subject)}`;
      const allowed = want.confidence ?? SURE;
      const sentences = [got.summary ?? '', ...(got.fix ?? []).map(({ say }) => say)];
      if (want.says !== undefined && !sentences.some((sentence) => sentence.includes(want.says ?? '')))
        return `${want.id} says "${sentences.join(' / ')}", without "${want.says}"`;
      if (!allowed.includes(got.confidence)) return `${want.id} is only ${got.confidence}, not ${allowed.join(' or ')}`;
    }
    const more = report.findings.slice(expected.length).filter(({ role }) => BLOCKING.includes(role));
    if (more.length > 0) return `also blames ${list(more)}${sawIn(more)}`;
    if (said.exitCode !== 1) return `exit ${said.exitCode} instead of 1`;
    return '';
  });
}

/** A healthy flow beside something that is wrong and does not stop it: healthy, exit 0, the risk first. */
export function judgeHarmless(said: Said, expected: Expected): Judgement {
  const healthy = judgeHealthy(said);
  if (healthy.problem !== '') return healthy;
  return judged(said, ({ findings: [first, ...others] }) => {
    if (first?.id !== expected.id)
      return `names ${first?.id ?? 'nothing'} instead of ${expected.id}; findings: ${list([...(first === undefined ? [] : [first]), ...others])}`;
    if (first.role !== expected.role) return `${expected.id} is called ${first.role} instead of ${expected.role}`;
    if (inWords(first.subject) !== inWords(expected.subject))
      return `${expected.id} on ${inWords(first.subject)} instead of ${inWords(expected.subject)}`;
    return '';
  });
}

/** The commands of the first finding that mend it, alternatives left out. */
export function printedFix(said: Said): string[] {
  const [first] = readReport(said).findings;
  return (first?.fix ?? []).filter(({ say }) => !say.startsWith('Or ')).flatMap(({ run }) => run ?? []);
}

function judged(said: Said, judge: (report: Report) => string): Judgement {
  try {
    const report = readReport(said);
    const blocking = report.findings.filter(({ role }) => BLOCKING.includes(role));
    const named = blocking.map(({ id }) => id).join(' > ') || report.verdict;
    return { named, confidence: blocking[0]?.confidence ?? '', problem: judge(report) };
  } catch (error) {
    return { named: '?', confidence: '', problem: error instanceof Error ? error.message : String(error) };
  }
}

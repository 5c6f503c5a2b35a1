/** What the consent screen shows: the container that would be added, and the command line that would not have asked. */
import { type DebugOptions, planContainer } from '../adapters/debug-container.ts';
import { found } from '../evidence/collected.ts';
import { factOf } from '../evidence/evidence.ts';
import type { Access } from '../ladder/access.ts';
import { shellWord } from '../probes/probe.ts';
import type { Climb } from '../session/session.ts';
import type { Plan } from '../ui/plan.ts';
import { FLAGS, type Flag } from './flags.ts';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** Null while the source Pod has not been read. */
export function planFor(climb: Climb, debug: DebugOptions, isRecorded: boolean): Plan | null {
  const pod = found(factOf(climb.evidence, 'sourcePod'));
  if (pod === null) return null;
  const namespace = factOf(climb.evidence, 'namespaces')?.find(
    (candidate) => candidate.metadata.name === climb.flow.source.namespace,
  );
  const enforced = namespace === undefined ? undefined : (namespace.metadata.labels?.[ENFORCE] ?? null);
  return {
    container: planContainer(pod, debug, { enforced: enforced ?? null, admitted: climb.admission?.profile ?? null }),
    admission: climb.admission ?? null,
    image: debug.image,
    pullPolicy: debug.imagePullPolicy,
    enforced,
    isRecorded,
  };
}

/** The same run without a question. */
export function commandWith(access: Access, command: string): string {
  return `${command} --access ${access}`;
}

const ACCESS_FLAGS = ['--yes', '-y'];
/** Where a run is written to or played from is no part of the question. */
const NOT_THE_QUESTION = ['--access', '--record', '--speed'];

/** The question as a command line that can be shown and kept: a token stays out of sight, and so does what answers for the user. */
export function questionOf(argv: readonly string[]): string {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const [flag = ''] = word.split('=');
    if (NOT_THE_QUESTION.includes(flag)) {
      if (!word.includes('=')) index++;
    } else if (word === '--token') {
      words.push(word, '"$TOKEN"');
      index++;
    } else if (flag === '--token') words.push('--token="$TOKEN"');
    else if (!ACCESS_FLAGS.includes(word) && word !== '--redact' && word !== '--watch') words.push(shellWord(word));
  }
  return ['kubectl netdebug', ...words].join(' ');
}

/** What was typed beside source, destination and namespace, as it was typed. */
export function flagsOf(argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-')) continue;
    const flag = FLAGS.find(({ name, ...more }: Flag) =>
      word.startsWith('--') ? word.slice(2).split('=')[0] === name : more.short !== undefined && word[1] === more.short,
    );
    const takesNext = (flag as Flag | undefined)?.value !== undefined && !word.includes('=') && isWhole(word);
    const taken = takesNext ? argv.slice(index, index + 2) : [word];
    if (takesNext) index++;
    if (flag?.name !== 'namespace') words.push(...taken);
  }
  return words;
}

/** `-n` and not `-nshop`, `--namespace` and not `--namespace=shop`. */
function isWhole(word: string): boolean {
  return word.startsWith('--') || word.length === 2;
}

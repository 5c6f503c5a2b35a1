import type { Diagnosis } from '../diagnose/diagnose.ts';
import type { Access } from '../ladder/access.ts';
import { RUNGS } from '../ladder/rung.ts';
import type { Report } from '../report/report.ts';
import type { Climb } from '../session/session.ts';
import { FRAME_ROWS, Frame, type Header } from './Frame.tsx';
import { BLANK, block, type Line, line, pad, type Size, span, wrap } from './lines.ts';
import type { Plan } from './plan.ts';
import { STATE_TONES, type Theme } from './theme.ts';
import { useChoices } from './use-choices.ts';
import { useKeys } from './use-keys.ts';
import { useScroll } from './use-scroll.ts';

export type ConsentChoice = Extract<Access, 'api' | 'source' | 'backend'> | 'yaml' | 'rights' | 'back';

export interface ConsentProps {
  readonly size: Size;
  readonly theme: Theme;
  readonly header: Header;
  readonly source: Report['flow']['source'];
  /** Null while the source Pod has not been read. */
  readonly plan: Plan | null;
  /** What the user may not do; absent while or because it was not asked. */
  readonly rights?: Climb['rights'] | undefined;
  /** What has been granted before, when more is asked for now. */
  readonly granted: Access | null;
  readonly rungs: Diagnosis['rungs'];
  /** What reading alone has already shown to be the cause. */
  readonly cause: string | null;
  readonly reads: { readonly done: number; readonly open: number };
  /** The command line that would not have asked. */
  readonly commandFor: (access: Access) => string;
  readonly onChoose: (choice: ConsentChoice) => void;
}

/** What would be added to the cluster, exactly, and what would be known without it. Nothing is added before somebody says so. */
export function ConsentScreen(props: ConsentProps) {
  const { size, theme, header, plan, granted, onChoose } = props;
  const items = choicesFor(props);
  const choices = useChoices({
    items,
    theme,
    columns: size.columns,
    // Another list: what had been lit is not what Enter may take now.
    of: `${plan === null ? 'early' : plan.container.kind} ${items[0]?.value}`,
    onSelect: onChoose,
  });
  const choice = items.find((item) => item.value === choices.lit?.value) ?? items[0];
  const lit = choice?.value ?? 'back';
  const help = wrap(choice?.help ?? '', size.columns - 6).slice(0, 2);
  const same = lit === 'yaml' || lit === 'rights' || lit === 'back' ? '' : `same as: ${props.commandFor(lit)}`;
  const below: readonly Line[] = [
    BLANK,
    ...block([span(' ')], help.join(' '), size.columns - 1, 'quiet'),
    ...(same === '' ? [] : block([span(' ')], same, size.columns - 1, 'quiet')),
  ];
  const lines = consentLines(props);
  const scroll = useScroll(lines, {
    height: size.rows - FRAME_ROWS - items.length - below.length,
    signs: theme.signs,
  });
  // The arrows choose here, so the keys that scroll are named where something is out of sight.
  const position = scroll.position === '' ? '' : `${scroll.position}  space, b`;
  const { 'page-up': pageUp, 'page-down': pageDown } = scroll.actions;
  useKeys({
    'page-up': pageUp,
    'page-down': pageDown,
    ...(granted === null ? {} : { back: () => onChoose('back') }),
  });
  return (
    <Frame
      size={size}
      theme={theme}
      header={header}
      screen="consent"
      position={position}
      lines={[...scroll.visible, ...choices.lines, ...below]}
      said={{ once: lines, now: [line(choices.said), ...below] }}
    />
  );
}

interface Choice {
  readonly label: string;
  readonly value: ConsentChoice;
  readonly help: string;
}

function choicesFor({ plan, granted, source, rights }: ConsentProps): readonly Choice[] {
  const container = plan?.container;
  const back: Choice = { label: 'Back to the verdict', value: 'back', help: 'Nothing is added.' };
  const backend: Choice = {
    label: 'Add it, and in up to 3 backends when a question needs it',
    value: 'backend',
    help: 'Also tells what a backend that refuses or stays silent listens on.',
  };
  if (granted !== null && granted !== 'api') {
    return [{ ...backend, label: 'Look into up to 3 backends when a question needs it' }, back];
  }
  const name = source.name;
  const add: Choice[] =
    container?.kind === 'impossible'
      ? []
      : [
          {
            label: container?.kind === 'reuse' ? 'Use it again and climb' : 'Add it and climb',
            value: 'source',
            help: `Tells how names and connections work from ${name} itself.`,
          },
        ];
  const read: Choice =
    granted === null
      ? {
          label: 'Read only',
          value: 'api',
          help: `Only objects are judged; whether ${name} gets through is not measured.`,
        }
      : back;
  const more =
    container?.kind === 'impossible'
      ? []
      : container?.kind === 'reuse'
        ? [{ ...backend, label: 'Use it again, and add one in up to 3 backends when a question needs it' }]
        : [backend];
  const yaml: Choice[] =
    container?.kind === 'add'
      ? [
          {
            label: 'Show the container as YAML',
            value: 'yaml',
            help: 'Exactly what would be sent; nothing is sent yet.',
          },
        ]
      : [];
  const missing = [...(rights?.source ?? []), ...(rights?.backend ?? [])];
  const role: Choice[] =
    missing.length === 0
      ? []
      : [{ label: 'Show the missing rights as YAML', value: 'rights', help: 'To apply, or to pass on to who may.' }];
  // What would be refused is not what Enter takes.
  const isRefused =
    isNotAdmitted(plan) ||
    (rights?.source ?? []).some((right) => container?.kind !== 'reuse' || right.includes('pods/exec'));
  return isRefused ? [read, ...role, ...add, ...more, ...yaml] : [...add, read, ...more, ...yaml, ...role];
}

function isNotAdmitted(plan: Plan | null): boolean {
  return plan?.container.kind === 'add' && plan.admission !== null && plan.admission.refusal !== null;
}

/** Rights beyond an ordinary container, by the names of `kubectl debug --profile`. */
const RIGHTS: Readonly<Record<string, string>> = {
  netadmin: 'NET_ADMIN, NET_RAW',
  general: 'NET_RAW',
  baseline: 'no rights beyond an ordinary container',
  restricted: 'no rights at all, as user 65532',
};

function consentLines(props: ConsentProps): readonly Line[] {
  const { size, source, plan, granted } = props;
  const columns = size.columns - 1;
  const fact = (label: string, text: string): readonly Line[] =>
    block([span(`   ${pad(label, 11)}`, 'strong')], text, columns);
  const pod = `Pod ${source.namespace}/${source.name}${source.node === null ? '' : ` on ${source.node}`}`;
  return [
    ...intro(plan, granted, source.name, columns),
    BLANK,
    ...(plan === null || granted === 'source' ? [] : containerFacts(plan, pod, fact)),
    ...rightsFacts(props, fact),
    ...(granted === 'source' && plan !== null
      ? [
          ...fact('netdebug', `in each of them, from ${plan.image} (${plan.pullPolicy}), only when one is found`),
          ...fact('stays', STAYS),
        ]
      : []),
    BLANK,
    ...(size.rows >= ROWS_FOR_LEVELS && granted !== 'source' ? levels(props, columns) : []),
    ...(granted === null ? progress(props, columns) : []),
  ];
}

/** Where there is less room the choice that is lit says the same about itself. */
const ROWS_FOR_LEVELS = 30;

/** `   rights     yours allow it`, or what they lack. The row stands there from the start: nothing moves while somebody reads. */
function rightsFacts(
  { rights, granted, plan }: ConsentProps,
  fact: (label: string, text: string) => readonly Line[],
): readonly Line[] {
  if (plan === null || plan.container.kind === 'impossible') return [];
  if (rights === undefined)
    return fact('rights', plan.isRecorded ? 'not asked about: this is a recording' : 'being asked');
  const { source, backend } = rights;
  if (granted === 'source')
    return fact('rights', backend.length === 0 ? 'yours allow it' : `you may not ${backend.join(', ')}`);
  const isAsked = plan.container.kind === 'add' && source.length === 0;
  const here =
    source.length > 0
      ? `you may not ${source.join(', ')}`
      : `yours allow it${isAsked ? admissionText(plan.admission) : ''}`;
  const there = backend.filter((right) => !source.includes(right));
  return fact('rights', there.length === 0 ? here : `${here}; for backends you may not ${there.join(', ')}`);
}

function admissionText(admission: Plan['admission']): string {
  if (admission === null) return '; admission is being asked';
  if (admission.refusal !== null) return `, admission refuses it (dry run): ${admission.refusal}`;
  return admission.profile === null ? '; what admission says is not known' : ', and so does admission (dry run)';
}

/** What each level adds to the answer. */
function levels({ source }: ConsentProps, columns: number): readonly Line[] {
  const level = (label: string, text: string): readonly Line[] =>
    block([span(`   ${pad(label, 11)}`, 'strong')], text, columns);
  return [
    line(' What can be answered then'),
    ...level(
      'read only',
      'whether objects fit together; not what really happens: DNS, path and half of policy stay unknown',
    ),
    ...level('source', `also what ${source.name} itself gets: names, the Service address, each backend, who refuses`),
    ...level('backends', 'also what a backend that refuses or stays silent listens on'),
    BLANK,
  ];
}

const STAYS =
  "in the Pod's spec until the Pod is deleted: Kubernetes cannot take it out; its process ends 15 minutes after its last use";

function intro(plan: Plan | null, granted: Access | null, name: string, columns: number): readonly Line[] {
  const text =
    plan === null
      ? `Reading Pod ${name} to see what would have to be added.`
      : granted === 'source'
        ? 'To see what a backend that refuses or stays silent listens on, I would add a container to up to 3 of them:'
        : plan.container.kind === 'impossible'
          ? `Nothing can be measured from ${name}: ${plan.container.because}.`
          : plan.container.kind === 'reuse'
            ? `To measure from ${name} itself I would use the container of an earlier run:`
            : `To measure from ${name} itself I would like to add one container to it:`;
  return block([span(' ')], text, columns, 'strong');
}

function containerFacts(
  { container, image, pullPolicy, enforced }: Plan,
  pod: string,
  fact: (label: string, text: string) => readonly Line[],
): readonly Line[] {
  if (container.kind === 'impossible') return [];
  const rights = RIGHTS[container.profile] ?? container.profile;
  const why =
    enforced === undefined
      ? ''
      : enforced === null
        ? ' (its namespace enforces no Pod Security level)'
        : ` (its namespace enforces Pod Security level ${enforced})`;
  if (container.kind === 'reuse') {
    return [
      ...fact(container.name, `runs in ${pod}, in its network`),
      ...fact('image', image),
      ...fact('may', rights),
      ...fact('stays', 'as long as before; nothing new is added'),
    ];
  }
  return [
    ...fact(container.name, `in ${pod}, in its network`),
    ...fact('image', `${image} (${pullPolicy})`),
    ...fact('may', rights + why),
    ...fact('stays', STAYS),
  ];
}

/** Reading has begun: it needs no consent, and may show the fault already. */
function progress({ rungs, cause, reads, theme }: ConsentProps, columns: number): readonly Line[] {
  const { signs } = theme;
  const state =
    reads.open === 0 ? `${reads.done} API reads done.` : `${reads.done} API reads done, ${reads.open} under way.`;
  const known = RUNGS.filter((rung) => rungs[rung].state === 'ok' || rungs[rung].state === 'faulty');
  const seen =
    cause === null
      ? known.flatMap((rung) => {
          const { state: result, summary } = rungs[rung];
          const lead = [span('   '), span(signs[result], STATE_TONES[result]), span(` ${rung}  `, 'strong')];
          return block(lead, summary, columns);
        })
      : block([span('   '), span(`${signs.faulty} `, 'bad')], `Already seen: ${cause}`, columns);
  return [line(` Meanwhile, changing nothing: ${state}`), ...seen, BLANK];
}

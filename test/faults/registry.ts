// Every file below dns, endpoints, path, policy, traps and scenarios is one case, named as its file.
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { FAULT_IDS } from '../repo/fault-ids.ts';
import type { Confidence, Fault, Flow, Matters, Memo, Role, Scenario, Sighting, Subject, Trap } from './define.ts';
import { type Expected, type Judgement, judgeBroken, judgeHarmless, judgeHealthy, type Said } from './judge.ts';
import type { KubeObject, Lab } from './lab.ts';

export type Kind = 'fault' | 'trap' | 'scenario';

/** A fault, a trap or a scenario, as the runner handles them. */
export interface Case {
  kind: Kind;
  name: string;
  about: string;
  flow: Flow;
  matters: Matters;
  unsteady: string | null;
  patience: number;
  objects(lab: Lab): KubeObject[];
  choose(lab: Lab): Promise<Memo>;
  breakIt(lab: Lab, memo: Memo): Promise<void>;
  witness(lab: Lab, memo: Memo): Promise<Sighting>;
  undo(lab: Lab, memo: Memo): Promise<void>;
  judge(said: Said, memo: Memo): Judgement;
  /** Whether the printed commands are tried. */
  fixable: boolean;
}

const AREAS = ['dns', 'endpoints', 'path', 'policy'];

export async function allCases(): Promise<Case[]> {
  const faults = await load<Fault>(AREAS, (fault) => fault.id);
  const traps = await load<Trap>(['traps'], (trap) => trap.name);
  const scenarios = await load<Scenario>(['scenarios'], (scenario) => scenario.name);
  return [...faults.map(asFault), ...traps.map(asTrap), ...scenarios.map(asScenario)];
}

const KINDS: readonly string[] = ['fault', 'trap', 'scenario'] satisfies Kind[];

/** The cases of any of these names, rungs or kinds; all when nothing is asked for. What nobody knows is an error. */
export async function pick(names: string[], rungs: string[], kinds: string[]): Promise<Case[]> {
  const badRung = rungs.find((rung) => !(rung in FAULT_IDS));
  if (badRung !== undefined) throw new Error(`no rung ${badRung}: ${Object.keys(FAULT_IDS).join(', ')}`);
  const badKind = kinds.find((kind) => !KINDS.includes(kind));
  if (badKind !== undefined) throw new Error(`no kind ${badKind}: ${KINDS.join(', ')}`);
  if (names.length + rungs.length + kinds.length === 0) return cases([]);
  const ids = Object.entries(FAULT_IDS).flatMap(([rung, known]) =>
    rungs.includes(rung) ? [...(known as readonly string[])] : [],
  );
  const named = names.length === 0 ? [] : await cases(names);
  return (await allCases()).filter(
    ({ name, kind }) => named.some((one) => one.name === name) || ids.includes(name) || kinds.includes(kind),
  );
}

/** The cases with these names, or all; an unknown name is an error that lists the known ones. */
export async function cases(names: string[]): Promise<Case[]> {
  const all = await allCases();
  const unknown = names.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new Error(`unknown: ${unknown.join(', ')}. Known: ${all.map((one) => one.name).join(', ')}`);
  }
  return names.length === 0 ? all : all.filter((one) => names.includes(one.name));
}

async function load<T>(folders: string[], nameOf: (item: T) => string): Promise<T[]> {
  const files = folders.flatMap((folder) => globSync(`${folder}/*.ts`, { cwd: import.meta.dirname }).sort());
  return Promise.all(
    files.map(async (file) => {
      const item = ((await import(/* @vite-ignore */ `./${file}`)) as { default: T }).default;
      if (nameOf(item) !== basename(file, '.ts')) throw new Error(`${file} holds ${nameOf(item)}`);
      return item;
    }),
  );
}

function common(item: Fault | Trap | Scenario) {
  const { objects } = item;
  return {
    about: item.about,
    flow: item.flow,
    matters: item.matters ?? {},
    unsteady: item.unsteady ?? null,
    patience: item.patience ?? 20,
    objects: (lab: Lab) => (typeof objects === 'function' ? objects(lab) : (objects ?? [])),
    choose: async (lab: Lab) => (await item.choose?.(lab)) ?? {},
    undo: (lab: Lab, memo: Memo) => item.undo(lab, memo),
  };
}

function asFault(fault: Fault): Case {
  const expected = (memo: Memo): Expected => {
    const want: { id: string; role: Role; subject: Subject; confidence?: Confidence[]; says?: string } = {
      id: fault.id,
      role: fault.harmless ? 'risk' : 'cause',
      subject: fault.subject(memo),
    };
    return {
      ...want,
      ...(fault.confidence ? { confidence: fault.confidence } : {}),
      ...(fault.says === undefined ? {} : { says: fault.says }),
    };
  };
  return {
    ...common(fault),
    kind: 'fault',
    name: fault.id,
    breakIt: (lab, memo) => fault.breakIt(lab, memo),
    witness: (lab, memo) => fault.witness(lab, memo),
    fixable: fault.fixable ?? false,
    judge: (said, memo) => (fault.harmless ? judgeHarmless(said, expected(memo)) : judgeBroken(said, [expected(memo)])),
  };
}

function asTrap(trap: Trap): Case {
  return {
    ...common(trap),
    kind: 'trap',
    name: trap.name,
    breakIt: (lab, memo) => trap.makeOdd(lab, memo),
    witness: (lab, memo) => trap.odd(lab, memo),
    fixable: false,
    judge: (said) => judgeHealthy(said),
  };
}

function asScenario(scenario: Scenario): Case {
  return {
    ...common(scenario),
    kind: 'scenario',
    name: scenario.name,
    breakIt: (lab, memo) => scenario.breakIt(lab, memo),
    witness: (lab, memo) => scenario.witness(lab, memo),
    fixable: false,
    judge: (said, memo) => judgeBroken(said, scenario.order(memo)),
  };
}

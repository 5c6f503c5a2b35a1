// Breaking and mending a lab, and the note about it that outlives this process.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, baseHealth, deployBase, describe, worked } from './base.ts';
import type { Memo, Sighting } from './define.ts';
import type { Lab } from './lab.ts';
import { type Case, cases } from './registry.ts';
import { until } from './until.ts';

const noteOf = (lab: Lab) => join(lab.stateDir, 'injected.json');

interface Note {
  name: string;
  memo: Memo;
}

/** What is broken in this lab on purpose, if anything. */
export async function injected(lab: Lab): Promise<Note | undefined> {
  try {
    return JSON.parse(await readFile(noteOf(lab), 'utf8')) as Note;
  } catch {
    return undefined;
  }
}

/** Makes what the case needs and waits until its flow works, as far as it is there before the break. */
export async function prepare(lab: Lab, one: Case): Promise<Memo> {
  const objects = one.objects(lab);
  await lab.apply(objects, one.name);
  await lab.ready(objects);
  const memo = await one.choose(lab);
  // What was just made may look broken for as long as nodes take to follow.
  let saw = '';
  const isWhole = async () => {
    const sighting = await one.witness(lab, memo);
    saw = sighting.saw;
    return !sighting.seen;
  };
  await until('the witness sees nothing before the break', isWhole, one.patience).catch((error: Error) => {
    throw new Error(`${error.message}: ${saw}`);
  });
  if (one.kind !== 'trap') await flowWorks(lab, one);
  return memo;
}

/** Breaks it and waits until the witness sees it. */
export async function injure(lab: Lab, one: Case, memo: Memo): Promise<Sighting> {
  await mkdir(lab.stateDir, { recursive: true });
  await writeFile(noteOf(lab), JSON.stringify({ name: one.name, memo } satisfies Note));
  await one.breakIt(lab, memo);
  let last: Sighting | undefined;
  const look = async () => {
    last = await one.witness(lab, memo);
    return last.seen && last;
  };
  return until('the witness sees it', look, one.patience).catch((error: Error) => {
    throw new Error(`${error.message}; last: ${last?.saw}`);
  });
}

/** Undoes it, waits until the witness no longer sees it and the flow works, and removes what the case needed. */
export async function mend(lab: Lab, one: Case, memo: Memo): Promise<void> {
  try {
    await one.undo(lab, memo);
    await until('the witness no longer sees it', async () => !(await one.witness(lab, memo)).seen, one.patience);
    await lab.forgetUnanswered();
    if (one.kind !== 'trap') await flowWorks(lab, one);
  } finally {
    await rm(noteOf(lab), { force: true });
  }
}

export async function clear(lab: Lab, one: Case): Promise<void> {
  await lab.delete(one.objects(lab));
}

export async function flowWorks(lab: Lab, one: Case): Promise<void> {
  let saw = '';
  const probe = async () => {
    const fetches = await ask(lab, one.flow, 3);
    saw = describe(fetches);
    return worked(fetches);
  };
  await until(`${one.flow.source} reaches ${one.flow.destination}`, probe, one.patience).catch((error: Error) => {
    throw new Error(`${error.message}: ${saw}`);
  });
}

/** Mends what an earlier run or `inject` left broken; returns its name. */
export async function undoInjected(lab: Lab): Promise<string | undefined> {
  const note = await injected(lab);
  if (!note) return undefined;
  const [one] = await cases([note.name]);
  if (!one) return undefined;
  await mend(lab, one, note.memo);
  await clear(lab, one);
  return note.name;
}

/** The shop is as the cases rely on it, or is made so. */
export async function wholeBase(lab: Lab): Promise<void> {
  const healthy = await until('the shop is whole', async () => (await baseHealth(lab)) === undefined, 5).catch(
    () => false,
  );
  if (!healthy) await deployBase(lab);
}

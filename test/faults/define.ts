import type { KubeObject, Lab } from './lab.ts';

export type Area = 'dns' | 'endpoints' | 'path' | 'policy';
export type Role = 'cause' | 'next-blocker' | 'consequence' | 'risk' | 'note';
export type Confidence = 'proven' | 'likely' | 'possible';
export type Access = 'api' | 'source' | 'backend' | 'node';

/** What was picked in the running cluster before the break (a Pod's name, an address); survives in `inject`'s state file. */
export type Memo = Record<string, string>;

export interface Subject {
  kind: string;
  namespace?: string;
  name: string;
}

/** The question the tool is asked, and the same flow as a URL for curl. */
export interface Flow {
  namespace: string;
  source: string;
  destination: string;
  url: string;
  access?: Access;
  /** What is asked besides. */
  flags?: string[];
  /** The tool asks about a UDP port, which curl cannot: the URL only tells whether the Pods answer at all. */
  isUdp?: true;
}

/** What a witness saw, in words that can be checked by hand. */
export interface Sighting {
  seen: boolean;
  saw: string;
}

/** Which settings of the lab change what this fault looks like: such faults are run again in the other mode. */
export interface Matters {
  proxyMode?: true;
  policy?: true;
}

interface Case<M extends Memo> {
  /** One sentence for the person who tries it. */
  about: string;
  flow: Flow;
  /** Needed beside the base shop; deleted afterwards. */
  objects?: KubeObject[] | ((lab: Lab) => KubeObject[]);
  matters?: Matters;
  /** Why it does not come out the same every time on this lab. It is only run when it is named. */
  unsteady?: string;
  /** Looks up names and addresses while all is well. */
  choose?(lab: Lab): Promise<M>;
  /** Seconds within which the witness must see the break, and after the undo no longer see it. */
  patience?: number;
}

interface Broken<M extends Memo> extends Case<M> {
  breakIt(lab: Lab, memo: M): Promise<void>;
  /** Sees the breakage without the tool: false before the break, true after it. */
  witness(lab: Lab, memo: M): Promise<Sighting>;
  undo(lab: Lab, memo: M): Promise<void>;
}

/** One root cause: the tool must name it first, and nothing else as a cause. */
export interface Fault<M extends Memo = Memo> extends Broken<M> {
  id: string;
  subject(memo: M): Subject;
  /** proven and likely unless said otherwise */
  confidence?: Confidence[];
  /** The flow works all the same: the tool must call it healthy, and name this first, as a risk. */
  harmless?: true;
  /** The printed commands, pasted as they are, make the flow healthy. */
  fixable?: true;
  /** A part of its sentence, or of what it says can be done. */
  says?: string;
}

/** A healthy flow that looks odd: the tool must call it healthy. */
export interface Trap<M extends Memo = Memo> extends Case<M> {
  name: string;
  makeOdd(lab: Lab, memo: M): Promise<void>;
  /** The odd thing is really there: false before, true after. That the flow works is checked for every trap. */
  odd(lab: Lab, memo: M): Promise<Sighting>;
  undo(lab: Lab, memo: M): Promise<void>;
}

/** Several causes at once: the tool must find all that block the flow, in the order in which they block it. */
export interface Scenario<M extends Memo = Memo> extends Broken<M> {
  name: string;
  order(memo: M): { id: string; role: Role; subject: Subject; says?: string }[];
}

// M is checked where the fault is written; the runner only hands the memo back.
export const defineFault = <M extends Memo>(fault: Fault<M>): Fault => fault as unknown as Fault;
export const defineTrap = <M extends Memo>(trap: Trap<M>): Trap => trap as unknown as Trap;
export const defineScenario = <M extends Memo>(scenario: Scenario<M>): Scenario => scenario as unknown as Scenario;

import type { ContainerState } from '../collect/ports.ts';
import type { Admission, Rights } from '../collect/rights.ts';
import type { Collected, Gap } from '../evidence/collected.ts';
import type { ApiKind, Evidence, EvidenceMap } from '../evidence/evidence.ts';
import type { Packet } from '../evidence/readings.ts';
import type { Access } from '../ladder/access.ts';
import type { Flow } from '../ladder/flow.ts';
import type { ProbeOutput, ProbePlace, ProbeSpec } from '../probes/probe.ts';
import type { ReadProbe } from './evidence.ts';

/** What could not be done, and what to try; the four kinds of house style: who must act decides the exit code. */
export interface Problem {
  readonly kind: 'usage' | 'environment' | 'bug';
  readonly message: string;
  readonly tryThis: readonly string[];
}

/** All that can happen in a run, the user's doing and the world's. Plain data: a run is the fold of its events. Times are milliseconds since the start. */
export type RunEvent =
  | {
      readonly type: 'resolved';
      readonly atMs: number;
      readonly flow: Flow;
      readonly cluster: ClusterFacts;
      readonly evidence: Evidence;
    }
  | { readonly type: 'problem'; readonly atMs: number; readonly problem: Problem }
  /** For the screen that asks; not part of what is judged. */
  | { readonly type: 'rights-checked'; readonly atMs: number; readonly rights: Rights }
  | { readonly type: 'admission-checked'; readonly atMs: number; readonly admission: Admission }
  | { readonly type: 'access-granted'; readonly atMs: number; readonly access: Access }
  | {
      [K in ApiKind]: {
        readonly type: 'evidence-settled';
        readonly atMs: number;
        readonly kind: K;
        readonly collected: Collected<EvidenceMap[K]>;
      };
    }[ApiKind]
  | {
      readonly type: 'container-changed';
      readonly atMs: number;
      readonly at: ProbePlace;
      readonly container: ContainerState;
    }
  | { readonly type: 'probe-settled'; readonly atMs: number; readonly id: string; readonly output: ProbeOutput }
  /** As from a run file without raw output: what the probe said, read before it was written. */
  | { readonly type: 'probe-read'; readonly atMs: number; readonly id: string; readonly result: ReadProbe }
  | { readonly type: 'capture-read'; readonly atMs: number; readonly id: string; readonly packets: readonly Packet[] }
  | { readonly type: 'probes-lost'; readonly atMs: number; readonly ids: readonly string[]; readonly gap: Gap }
  /** The time that a `wait` asked for is over. `isOver`: there is no second look to be had, as in a recording without one. */
  | { readonly type: 'waited'; readonly atMs: number; readonly isOver: boolean }
  | { readonly type: 'time-is-up'; readonly atMs: number; readonly afterMs: number }
  /** A run that is played from a file has no more to say. */
  | { readonly type: 'recording-ended'; readonly atMs: number }
  | { readonly type: 'shell-requested'; readonly atMs: number }
  | { readonly type: 'shell-ended'; readonly atMs: number }
  | { readonly type: 'check-again'; readonly atMs: number; readonly serverTimeMs: number }
  | { readonly type: 'quit'; readonly atMs: number };

/** Where the run happens, for the header line, and the API server's clock at the start. */
export interface ClusterFacts {
  readonly context: string;
  readonly serverTimeMs: number;
}

/** What the session asks of the world; the runner does it and answers with events. */
export type Effect =
  | { readonly type: 'read'; readonly kind: ApiKind }
  | { readonly type: 'attach'; readonly at: ProbePlace }
  /** Takes a Pod on a node away again. */
  | { readonly type: 'remove'; readonly at: ProbePlace }
  | {
      readonly type: 'probe';
      readonly at: ProbePlace;
      readonly specs: readonly ProbeSpec[];
      readonly captureId: string | null;
    }
  | { readonly type: 'shell'; readonly at: ProbePlace }
  /** Before looking again at what may just be changing. */
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'stop' };

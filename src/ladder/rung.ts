/** The five rungs of the ladder, in the order in which a request climbs them. */
export const RUNGS = ['D', 'E', 'P', 'N', 'X'] as const;

export type Rung = (typeof RUNGS)[number];

export const RUNG_NAMES: Readonly<Record<Rung, string>> = {
  D: 'DNS',
  E: 'Endpoints',
  P: 'Path',
  N: 'Policy',
  X: 'Exposure',
};

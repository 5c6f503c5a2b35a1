/**
 * Takes policies apart that come from anywhere: a cluster, a file, a stranger. Nothing is believed; what does not fit is
 * {@link Malformed}, and names the field.
 */

/** What an object's API would not accept. The reader of the rule or of the policy catches it; it never leaves the readers. */
export class Malformed extends Error {}

export type Raw = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A record; null and undefined are an empty one, as the API server drops both. */
export function record(value: unknown, field: string): Raw {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw new Malformed(`${field} is ${shown(value)}, not an object`);
  return value;
}

/** A list; null and undefined are an empty one. */
export function list(value: unknown, field: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed(`${field} is ${shown(value)}, not a list`);
  return value;
}

export function text(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new Malformed(`${field} is ${shown(value)}, not a text`);
  return value;
}

export function texts(value: unknown, field: string): readonly string[] {
  return list(value, field).map((item) => text(item, field));
}

export function maybe<T>(value: unknown, read: (value: unknown, field: string) => T, field: string): T | undefined {
  return value === undefined || value === null ? undefined : read(value, field);
}

export function number(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Malformed(`${field} is ${shown(value)}, not a number`);
  return value;
}

export function flag(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') throw new Malformed(`${field} is ${shown(value)}, not true or false`);
  return value;
}

/** A port number of the protocols: 1 to 65535. */
export function portNumber(value: unknown, field: string): number {
  const port = number(value, field);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Malformed(`${field} ${port} is not between 1 and 65535`);
  return port;
}

/** A field nobody knows may change what a rule means. */
export function only(object: Raw, fields: readonly string[], where: string): void {
  const unknown = Object.keys(object).find((key) => !fields.includes(key) && object[key] !== undefined);
  if (unknown !== undefined) throw new Malformed(`${where} has an unknown field ${shown(unknown)}`);
}

export function oneOf<T extends string>(value: unknown, choices: readonly T[], field: string): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new Malformed(`${field} is ${shown(value)}, not one of ${choices.join(', ')}`);
  return choice;
}

/** Runs a reader; what it found malformed is handed on, any other error is ours and stays one. */
export function attempt<T>(read: () => T, otherwise: (problem: string) => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed) return otherwise(error.message);
    throw error;
  }
}

/** A value in a sentence, cut short. */
export function shown(value: unknown): string {
  const written = JSON.stringify(value) ?? String(value);
  return written.length > 60 ? `${written.slice(0, 57)}...` : written;
}

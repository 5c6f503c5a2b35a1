/**
 * Makes a text from the cluster harmless on a terminal: names, messages and tool output are data. Control characters, which
 * could move the cursor or change colours, and marks that turn the direction of writing become visible escapes. Line feeds stay.
 *
 * @see ECMA-48, Unicode Standard Annex 9
 */
export function clean(text: string): string {
  return text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (char) => (char === '\t' ? ' ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/**
 * The same for a file of markup, which has to be Unicode as well: halves of characters and code points that are none become
 * the replacement character. What the markup itself means by a character is left to whoever writes it.
 *
 * @see Unicode Standard section 23.7, https://www.w3.org/TR/xml/#charsets
 */
export function cleanForMarkup(text: string): string {
  return clean(text.toWellFormed()).replace(/\p{Noncharacter_Code_Point}/gu, '\ufffd');
}

/** Every string in a plain value, cleaned. */
export function cleanAll<T>(value: T): T {
  if (typeof value === 'string') return clean(value) as T;
  if (Array.isArray(value)) return value.map(cleanAll) as T;
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleanAll(item)])) as T;
  return value;
}

import { useInput } from 'ink';
import { type Intent, intentsOf, isLetter, keyName } from './keys.ts';

/** Calls what a pressed key means on this screen. */
export function useKeys(actions: { readonly [I in Intent]?: () => void }): void {
  useInput((input, key) => {
    const intent = intentsOf(keyName(input, key)).find((candidate) => actions[candidate] !== undefined);
    if (intent !== undefined) actions[intent]?.();
  });
}

/** The same where letters are typed: they come as text, several at once when they are pasted. */
export function useTyping(actions: { readonly [I in Intent]?: () => void }, onText: (text: string) => void): void {
  useInput((input, key) => {
    const name = keyName(input, key);
    const intent = isLetter(name) ? undefined : intentsOf(name).find((candidate) => actions[candidate] !== undefined);
    if (intent !== undefined) actions[intent]?.();
    else if (key.ctrl !== true && key.meta !== true && input !== '') onText(input);
  });
}

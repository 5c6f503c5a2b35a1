import { useInput } from 'ink';
import { type Intent, intentsOf, keyName } from './keys.ts';

/** Calls what a pressed key means on this screen. */
export function useKeys(actions: { readonly [I in Intent]?: () => void }): void {
  useInput((input, key) => {
    const intent = intentsOf(keyName(input, key)).find((candidate) => actions[candidate] !== undefined);
    if (intent !== undefined) actions[intent]?.();
  });
}

import { type Html, html } from './html.ts';

/** A command to copy; the button is there only where the page's script runs. */
export function commandBlock(command: string): Html {
  return html`<div class="command"><pre tabindex="0" role="region" aria-label="Command"><code>${command}</code></pre><button type="button" class="copy" hidden>Copy</button></div>`;
}

import { describe, expect, it } from 'vitest';
import { html, lines } from '../../../src/report/html/html.ts';

describe('a piece of markup', () => {
  it('escapes texts, in and out of attributes, and takes over other pieces', () => {
    const piece = html`<b title="${`"'&`}">${'<i>'}</b>`;
    expect(piece.markup).toBe('<b title="&quot;&#39;&amp;">&lt;i&gt;</b>');
    expect(html`<p>${piece}${null}${7}${['a', '<', html`<br>`]}</p>`.markup).toBe(
      '<p><b title="&quot;&#39;&amp;">&lt;i&gt;</b>7a&lt;<br></p>',
    );
    expect(lines([html`<br>`, html`<hr>`]).markup).toBe('<br>\n<hr>');
  });

  it('holds no character that a page may not hold', () => {
    expect(html`${'a\u0000b\ud800c\u{10ffff}\u202e'}`.markup).toBe('a\\u0000b\ufffdc\ufffd\\u202e');
  });
});

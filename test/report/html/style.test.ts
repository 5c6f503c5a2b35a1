import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { COLOURS, SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from '../../../src/report/html/style.ts';

const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

describe('the policy of the page', () => {
  it('admits its own style', () => expect(STYLE_HASH).toBe(hash(STYLE)));
  it('admits its own script', () => expect(SCRIPT_HASH).toBe(hash(SCRIPT)));
});

/** Contrast of two colours `#rrggbb`, from 1 to 21; WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe.each(['light', 'dark'] as const)('the %s colours', (name) => {
  const colours = COLOURS[name];

  it.each([
    ['ink', 'page'],
    ['ink', 'sheet'],
    ['ink', 'ok-soft'],
    ['ink', 'faulty-soft'],
    ['ink', 'unknown-soft'],
    ['quiet', 'page'],
    ['quiet', 'ok-soft'],
    ['quiet', 'faulty-soft'],
    ['quiet', 'unknown-soft'],
    ['link', 'page'],
    ['ok', 'page'],
    ['ok', 'ok-soft'],
    ['faulty', 'page'],
    ['faulty', 'faulty-soft'],
    ['unknown', 'page'],
    ['unknown', 'unknown-soft'],
  ] as const)('show text in %s on %s, level AA', (text, ground) => {
    expect(contrast(colours[text], colours[ground])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['ok', 'faulty', 'unknown', 'quiet', 'link'] as const)('show bars in %s', (bar) => {
    expect(contrast(colours[bar], colours.sheet)).toBeGreaterThanOrEqual(3);
  });
});

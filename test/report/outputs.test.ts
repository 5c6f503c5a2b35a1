import { describe, expect, it } from 'vitest';
import { RENDERED, render } from '../../src/report/outputs.ts';
import { runOf } from '../support/run.ts';

const options = { width: 80, color: false, unicode: true };
const run = runOf();

describe('what -o takes', () => {
  it.each([
    ['text', '✔ web reaches svc/api:80: every step works.\n'],
    ['json', '{\n  "schemaVersion": 1,\n'],
    ['markdown', '## ✔ web reaches svc/api:80: every step works.\n'],
    ['html', '<!doctype html>\n<html lang="en">\n'],
    ['junit', '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites '],
  ] as const)('%s', async (output, start) => {
    const text = await render(output, run, options);
    expect(text.slice(0, start.length)).toBe(start);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('is all of it tested here', () => expect(RENDERED).toEqual(['text', 'json', 'markdown', 'html', 'junit']));

  it('is one JSON object that says the same', async () => {
    expect(JSON.parse(await render('json', run, options))).toEqual(run.report);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../src/report/html/page.ts';
import { hostileRun } from '../report/hostile.ts';
import { runOf } from '../support/run.ts';
import { policy, world } from '../support/world.ts';
import { type Browser, findChromium, openBrowser } from './browser.ts';

const chromium = findChromium();
if (chromium === null) console.warn('The page is not looked at in a browser: there is no Chromium on PATH.');

const LONG = 'a-name-that-goes-on-and-on-as-long-as-kubernetes-lets-it-253'.repeat(3);
const evidence = world({ policies: [policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] })] });
const RUNS = {
  broken: runOf({ evidence, network: (_, port) => (port === 8080 ? 'lost' : 'answered') }),
  healthy: runOf(),
  'read only': runOf({ access: 'api' }),
  'with long names': hostileRun(LONG),
  hostile: hostileRun('</svg></script><script>document.title="owned"</script><img src="http://x.example/x.png">'),
};
const NAMES = Object.keys(RUNS) as readonly (keyof typeof RUNS)[];

describe.skipIf(chromium === null)('the page of a run in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netdebug-page-'));
  let browser: Browser;
  const urlOf = (name: keyof typeof RUNS): string => {
    const file = join(folder, `${name.replaceAll(' ', '-')}.html`);
    writeFileSync(file, renderHtml(RUNS[name].report, RUNS[name].climb));
    return pathToFileURL(file).href;
  };
  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(NAMES)('asks for nothing and complains about nothing: %s', async (name) => {
    const page = await browser.show(urlOf(name), { width: 1280 });
    await page.ask('document.getElementById("unfold").click()');
    expect(page.complaints).toEqual([]);
    expect(await page.ask('document.title')).not.toBe('owned');
  });

  const widths = [320, 375, 768, 1280] as const;
  it.each(NAMES.flatMap((name) => widths.map((width) => [name, width] as const)))(
    'does not scroll sideways, folded and unfolded: %s, %i px',
    async (name, width) => {
      const page = await browser.show(urlOf(name), { width });
      const widthOfAll = 'document.documentElement.scrollWidth';
      expect(await page.ask<number>(widthOfAll)).toBeLessThanOrEqual(width);
      await page.ask('document.getElementById("unfold").click()');
      expect(await page.ask<boolean>('[...document.querySelectorAll("details")].every((fold) => fold.open)')).toBe(
        true,
      );
      expect(await page.ask<number>(widthOfAll)).toBeLessThanOrEqual(width);
    },
  );

  it('shows one picture, the one that fits', async () => {
    const shown =
      '[...document.querySelectorAll(".picture svg")].filter((svg) => svg.getBoundingClientRect().width > 0).map((svg) => svg.getAttribute("class"))';
    expect(await (await browser.show(urlOf('broken'), { width: 375 })).ask(shown)).toEqual(['narrow']);
    expect(await (await browser.show(urlOf('broken'), { width: 1280 })).ask(shown)).toEqual(['wide']);
  });

  it('keeps the letters of the picture inside of their boxes', async () => {
    const outside = `[...document.querySelectorAll(".picture svg")].flatMap((svg) => svg.getBoundingClientRect().width === 0 ? [] :
      [...svg.querySelectorAll("g")].flatMap((group) => {
        const box = group.querySelector("rect").getBoundingClientRect();
        return [...group.querySelectorAll("text")].filter((text) => text.getBoundingClientRect().right > box.right + 1).map((text) => text.textContent);
      }))`;
    for (const width of [320, 1280])
      for (const name of NAMES) expect(await (await browser.show(urlOf(name), { width })).ask(outside)).toEqual([]);
  });

  it.each([320, 1280])('is told to a screen reader as tables, headings and a picture: %i px', async (width) => {
    const spoken = await (await browser.show(urlOf('broken'), { width })).spoken();
    const named = (role: string) => spoken.filter((item) => item.role === role).map(({ name }) => name);
    expect(named('image')).toEqual(['The path from Pod web to Service api']);
    expect(named('banner')).toHaveLength(1);
    expect(named('main')).toHaveLength(1);
    expect(named('table')).toHaveLength(2);
    expect(named('row').length).toBeGreaterThan(30);
    expect(named('heading').slice(0, 2)).toEqual([
      'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
      'The path',
    ]);
  });

  it('can be read without a script', async () => {
    const page = await browser.show(urlOf('broken'), { width: 1280, script: false });
    const buttons =
      '[...document.querySelectorAll("button")].filter((button) => button.getBoundingClientRect().width > 0).length';
    expect(await page.ask<number>(buttons)).toBe(0);
    expect(await page.ask<string>('document.body.innerText')).toContain('Admit web on TCP 8080 with a small policy');
  });

  it('has a copy button that says when it has copied', async () => {
    const page = await browser.show(urlOf('broken'), { width: 1280 });
    await page.ask('document.querySelector("button.copy").click()');
    const status =
      'new Promise((resolve) => { const look = () => said.textContent === "" ? requestAnimationFrame(look) : resolve(said.textContent); look(); })';
    expect(await page.ask<string>(status)).toMatch(/^(Copied\.|Selected: copy it with the keyboard\.)$/);
  });
});

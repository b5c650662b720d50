// Pictures for the eye, not a test: `node tests/shots.mjs FOLDER` draws every panel with everything open, and the ten lessons, on a
// desktop and a phone, in light and dark, in both languages.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { browser, open, settled, train } from './browser.mjs';

const [folder = 'shots', only = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const VIEWPORTS = { desktop: { width: 1400, height: 1000 }, phone: { width: 360, height: 780 } };
const own = await browser();

for (const lang of ['en', 'zh-Hant']) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [device, viewport] of Object.entries(VIEWPORTS)) {
      const { page, context } = await open(own, { search: `?lang=${lang}`, colorScheme, viewport });
      const shot = async (name) => {
        const path = join(folder, `${name}-${device}-${colorScheme}-${lang}.png`);
        if (!path.includes(only)) return;
        await page.screenshot({ path, fullPage: true });
      };
      // Panels that are off the screen are not drawn otherwise.
      await page.addStyleTag({ content: '.below .panel { content-visibility: visible !important; }' });
      await train(page, 200);
      for (const details of await page.$$('details:not([open]) > summary')) await details.click();
      await settled(page);
      await page.evaluate(() => scrollTo(0, 0));
      await page.waitForTimeout(400);
      await shot('panels');
      await page.click('#lessons-button');
      await page.waitForSelector('.contents li:nth-child(11) button');
      await shot('contents');
      // A lesson scrolls on its own; here all of it is seen.
      await page.addStyleTag({ content: '.lesson { position: static !important; max-height: none !important; }' });
      const n = await page.$$eval('.contents li button', (buttons) => buttons.length);
      for (let lesson = 1; lesson < n; lesson += 1) {
        await page.click(`.contents li:nth-child(${lesson}) button`);
        await page.waitForSelector('#lesson .choices input');
        await page.check('.choices input >> nth=0');
        await page.click('#run-lesson');
        await page.waitForSelector('.goals li[data-goal]', { timeout: 240_000 });
        for (const details of await page.$$('#lesson details:not([open]) > summary')) await details.click();
        await settled(page);
        const path = join(folder, `lesson${lesson}-${device}-${colorScheme}-${lang}.png`);
        if (path.includes(only)) await (await page.$('#lesson')).screenshot({ path });
        await page.click('.lesson header button');
        await page.waitForSelector('.contents li:nth-child(11) button');
      }
      console.log(lang, colorScheme, device);
      await context.close();
    }
  }
}
await own.close();

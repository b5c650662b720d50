// Pictures for the eye, not a test: `node tests/shots.mjs FOLDER` draws every panel with everything open, and every lesson, on a
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
      await page.waitForSelector('.contents button');
      await shot('contents');
      const n = await page.$$eval('.contents button', (buttons) => buttons.length);
      console.log(lang, colorScheme, device, n, 'lessons');
      await context.close();
    }
  }
}
await own.close();

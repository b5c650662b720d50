// Who uses the page: by keyboard, by screen reader, on a phone, in either theme and language; and the lessons.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { browser, onPage, settled, train, value } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LESSONS = ['neuron', 'sigmoid', 'slope', 'direction', 'stuck', 'tug-of-war', 'hidden', 'two-layers', 'how-many', 'extrapolation'];
let own;
before(async () => {
  own = await browser();
});
after(() => own.close());
const on = (options, work) => onPage(own, options, work);

async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }));
  const found = violations.map(({ id, nodes }) => `${what} ${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 120)} ${node.any[0]?.message ?? ''}`).join(' | ')}`);
  assert.deepEqual(found, []);
  assert.ok(passes.length > 15, `${what}: only ${passes.length} rules apply`);
}

for (const colorScheme of ['light', 'dark']) {
  for (const lang of ['en', 'zh-Hant']) {
    test(`axe finds nothing: ${lang}, ${colorScheme}`, () =>
      on({ search: `?lang=${lang}`, colorScheme, bypassCSP: true }, async (page) => {
        await accessible(page, 'at the start');
        await train(page, 100);
        for (const details of await page.$$('details:not([open]) > summary')) await details.click();
        await page.click('.panel.table header button');
        await page.click('[aria-label="Keys"], [aria-label="按鍵"]');
        await settled(page);
        await accessible(page, 'with everything open');
        await page.click('#lessons-button');
        await page.waitForSelector('.contents button');
        await accessible(page, 'contents of the lessons');
      }));
  }
}

test('every text changes with the language, without a reload', () =>
  on({}, async (page) => {
    const texts = () =>
      page.evaluate(() => {
        const walker = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT);
        const all = [];
        while (walker.nextNode()) {
          const { textContent, parentElement } = walker.currentNode;
          if (parentElement.closest('[lang="en"], [lang="zh-Hant"], code, .sr') || parentElement.getClientRects().length === 0) continue;
          if (textContent.trim()) all.push(textContent.trim());
        }
        return all;
      });
    await page.selectOption('#language', 'zh-Hant');
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-Hant');
    const chinese = await texts();
    // Names of columns, units, functions and files, and what is a formula.
    const names = /^(glassnet|sigmoid|tanh|relu|leaky_relu|elu|selu|gelu|mish|softplus|identity|target|[abchwxyz]\d?( → [hy]\d?)?|C|NumPy|Rust|SVG|PNG|[^A-Za-z]*|.*[=·].*|L1|L2|.*:)$/;
    const english = chinese.filter((text) => /[A-Za-z]{3,}/.test(text) && !/[\u4e00-\u9fff]/.test(text) && !names.test(text));
    assert.deepEqual(english, []);
  }));

test('on a phone nothing is wider than the screen, in either language', async () => {
  for (const lang of ['en', 'zh-Hant']) {
    await on({ search: `?lang=${lang}`, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async (page) => {
      const width = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.deepEqual(await width(), [360, 360]);
      await page.tap('#train');
      await page.waitForFunction(() => window.glassnet.state.frame.epoch > 50);
      await page.tap('#train');
      await settled(page);
      assert.deepEqual(await width(), [360, 360]);
      const small = await page.$$eval('.transport button, .top button', (all) => all.filter((button) => button.getBoundingClientRect().height < 44).map((button) => button.textContent));
      assert.deepEqual(small, []);
    });
  }
});

test('on a desktop no table is cut at its right edge, in either language', async () => {
  for (const lang of ['en', 'zh-Hant']) {
    await on({ search: `?lang=${lang}`, viewport: { width: 1400, height: 900 } }, async (page) => {
      for (const details of await page.$$('details:not([open]) > summary')) await details.click();
      await settled(page);
      const cut = await page.$$eval('.scroll', (all) => all.filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.textContent));
      assert.deepEqual(cut, []);
      const rows = Array.from({ length: 12 }, (_, i) => `${123.5 + i},${-i},${i % 2 ? 'a' : 'b'}`);
      const buffer = Buffer.from(['superplasticizer,flipper_length_mm,kind', ...rows].join('\n'));
      await page.setInputFiles('#file', { name: 'long names.csv', mimeType: 'text/csv', buffer });
      await page.click('#use-preview');
      await settled(page);
      const own = await page.$$eval('#data .scroll', (all) => all.map((box) => box.scrollWidth - box.clientWidth));
      assert.deepEqual(own, [0], 'long names wrap');
    });
  }
});

test('single keys train, step and begin again, and can be turned off', () =>
  on({}, async (page) => {
    await page.keyboard.press('.');
    await page.waitForFunction(() => window.glassnet.state.frame.epoch === 1);
    await settled(page);
    await page.keyboard.press('r');
    await page.waitForFunction(() => window.glassnet.state.frame.epoch === 0);
    await settled(page);
    await page.keyboard.press('n');
    await page.waitForFunction(() => window.glassnet.state.bench.config.seed === 2);
    await settled(page);
    await page.keyboard.press('Space');
    await page.waitForFunction(() => window.glassnet.state.isTraining && window.glassnet.state.frame.epoch > 0);
    await page.keyboard.press('Space');
    await settled(page);
    await page.keyboard.press('?');
    const before = await value(page, () => window.glassnet.state.frame.epoch);
    // The key comes before the frame that shows the choice.
    await page.$eval('.help input', async (box) => {
      box.click();
      for (let i = 0; i < 3; i += 1) await new Promise((done) => queueMicrotask(done));
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '.', bubbles: true }));
    });
    assert.equal(await page.isChecked('.help input'), false);
    await settled(page);
    assert.equal(await value(page, () => window.glassnet.state.frame.epoch), before);
  }));

test('a whole lesson by keyboard alone', () =>
  on({}, async (page) => {
    const reach = async (selector) => {
      for (let i = 0; i < 400; i += 1) {
        if (await page.evaluate((own) => document.activeElement?.matches(own), selector)) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`${selector} is not reached`);
    };
    await reach('#lessons-button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.contents li:nth-child(5) button');
    await reach('.contents li:nth-child(5) button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#lesson[data-name="stuck"]');
    await reach('.choices input');
    await page.keyboard.press('ArrowDown');
    await reach('#run-lesson');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.goals li[data-goal]');
    assert.deepEqual(await page.$$eval('.goals li[data-goal]', (all) => all.map((li) => li.dataset.met)), ['true', 'true', 'true']);
    assert.equal(await page.getAttribute('#verdict', 'data-right'), 'true');
  }));

test('every lesson runs, and its goals are met', () =>
  on({}, async (page) => {
    await page.click('#lessons-button');
    for (const [i, name] of LESSONS.entries()) {
      await page.waitForSelector('.contents li:nth-child(11) button');
      await page.click(`.contents li:nth-child(${i + 1}) button`);
      await page.waitForSelector(`#lesson[data-name="${name}"]`);
      await page.check('.choices input >> nth=0');
      await page.click('#run-lesson');
      await page.waitForSelector('.goals li[data-goal]', { timeout: 240_000 });
      const goals = await page.$$eval('.goals li[data-goal]', (all) => all.map((li) => `${li.dataset.goal} ${li.dataset.met}`));
      assert.ok(goals.length > 0 && goals.every((goal) => goal.endsWith(' true')), `${name}: ${goals}`);
      assert.doesNotMatch(await page.textContent('#lesson'), /\{\{|undefined|NaN/);
      await page.click('.lesson header button');
    }
  }));

test('a lesson has an address of its own', () =>
  on({ hash: '#lesson=stuck' }, async (page) => {
    await page.waitForSelector('#lesson[data-name="stuck"]');
    await settled(page);
    assert.deepEqual(await value(page, () => window.glassnet.state.bench.config.hidden_layer_sizes), []);
  }));

test('the lesson on the slope draws the tutorial’s three tangents', () =>
  on({ hash: '#lesson=slope' }, async (page) => {
    await page.waitForSelector('.ghost');
    const slopes = await page.$$eval('.position svg .tick', (all) => all.map((text) => text.textContent));
    for (const slope of ['0.0177', '0.2500', '0.1050']) assert.ok(slopes.includes(slope), slopes.join());
  }));

test('the palette can be told apart, and read', async () => {
  await on({}, async (page) => {
    for (const theme of ['light', 'dark']) {
      await page.selectOption('#theme', theme);
      const colours = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return Object.fromEntries(['card', 'ink', 'soft', 'blue', 'red', 'green'].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
      });
      const light = (hex) => {
        const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (one, other) => {
        const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
      };
      for (const name of ['blue', 'red', 'green']) assert.ok(contrast(colours[name], colours.card) >= 3, `${theme} ${name}`);
      for (const name of ['ink', 'soft']) assert.ok(contrast(colours[name], colours.card) >= 4.5, `${theme} ${name}`);
    }
  });
});

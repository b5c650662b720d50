// The page's size, start and frames beside their budgets: `cargo xtask bench web`.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { PAGE, browser, open, settled, train } from './browser.mjs';

const rows = [];
const note = (what, found, budget, unit, isMost = true) => {
  const isMet = isMost ? found <= budget : found >= budget;
  rows.push({ what, found: `${found.toFixed(1)} ${unit}`, budget: `${isMost ? '≤' : '≥'} ${budget} ${unit}`, met: isMet ? 'yes' : 'NO' });
};
const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)];

const html = readFileSync(PAGE);
const core = />([A-Za-z0-9+/=]{100000,})</.exec(html.toString())[1];
note('whole page, gzip', gzipSync(html, { level: 9 }).length / 1000, 150, 'kB');
note('of it the core, deflated', (core.length * 3) / 4 / 1000, 80, 'kB');

const own = await browser();
const starts = [];
for (let i = 0; i < 5; i += 1) {
  const { page, context } = await open(own);
  starts.push(Number(await page.evaluate(() => document.documentElement.dataset.ready)));
  await context.close();
}
note('interactive, median of 5', quantile(starts, 0.5), 300, 'ms');

/** Frames a second and the work of each, while it trains for five seconds. */
async function frames(page) {
  await page.evaluate(() => {
    window.glassnet.state.work.length = 0;
    window.drawn = [];
    let revision = -1;
    const tick = () => {
      const { state } = window.glassnet;
      if (state.frame && state.frame !== revision) window.drawn.push(performance.now());
      revision = state.frame;
      window.ticking = requestAnimationFrame(tick);
    };
    tick();
  });
  const before = await page.evaluate(() => window.glassnet.state.frame.epoch);
  await page.click('#train');
  await page.waitForTimeout(5000);
  const found = await page.evaluate(() => {
    cancelAnimationFrame(window.ticking);
    const { drawn } = window;
    const seconds = (drawn.at(-1) - drawn[0]) / 1000;
    return { fps: (drawn.length - 1) / seconds, work: window.glassnet.state.work, epochs: window.glassnet.state.frame.epoch, seconds };
  });
  await page.click('#train');
  await settled(page);
  return { ...found, rate: (found.epochs - before) / found.seconds };
}

{
  const { page, context } = await open(own);
  const { fps, work, rate } = await frames(page);
  note('3-4-1: work a frame, p95', quantile(work, 0.95), 8, 'ms');
  note('3-4-1: frames a second', fps, 55, '', false);
  note('3-4-1: epochs a second', rate, 1000, '', false);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const slow = await frames(page);
  note('the same on a processor 4 times slower, p95', quantile(slow.work, 0.95), 16, 'ms');
  await context.close();
}
{
  const { page, context } = await open(own);
  const start = performance.now();
  await train(page, 20_000);
  note('20,000 epochs of the tutorial, drawn', performance.now() - start, 5000, 'ms');
  await context.close();
}
{
  const settings = {
    source: { preset: 'spiral', seed: 1, n_rows: 500, noise: 0.05, columns: ['x1', 'x2'] },
    options: { target: 'target', task: 'classification', number: ['x1', 'x2'] },
    recipe: 'plain',
    config: { hidden_layer_sizes: [8, 8, 8, 8, 8, 8], activation: 'tanh', dropout: 0, learning_rate: 0.03, batch_size: 10, validation_fraction: 0, seed: 1, train: { optimizer: { sgd: {} } } },
  };
  const { page, context } = await open(own);
  await page.evaluate((own) => window.glassnet.setSettings({ ...own, speed: 'full' }), settings);
  await settled(page);
  const { fps, work, rate } = await frames(page);
  note('6 × 8 hidden, 500 rows: frames a second', fps, 30, '', false);
  note('6 × 8 hidden, 500 rows: work a frame, p95', quantile(work, 0.95), 16, 'ms');
  rows.push({ what: '6 × 8 hidden, 500 rows: epochs a second', found: rate.toFixed(1), budget: '', met: '' });
  await context.close();
}
await own.close();
console.table(rows);

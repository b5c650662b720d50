// What the tests share: the page in headless Chromium, and no network.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** The command, as the workspace's tests have built it. */
export const GLASSNET = process.env.GLASSNET ?? join(ROOT, 'target/debug/glassnet');
export const PAGE = fileURLToPath(new URL('../../dist/index.html', import.meta.url));
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser with a fresh profile of its own; `close` ends it. */
export function browser() {
  const executablePath = process.env.CHROMIUM ?? CHROMIUM.find(existsSync);
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'];
  return chromium.launch({ executablePath, args, headless: true });
}

/** The page, open and ready. Whatever goes wrong in it is in `problems`. */
export async function open(own, { hash = '', search = '', url = `file://${PAGE}`, offline = true, ...options } = {}) {
  const context = await own.newContext({ viewport: { width: 1400, height: 1000 }, acceptDownloads: true, offline, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(`pageerror ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!/^(file|blob|data):/.test(request.url()) && !request.url().startsWith(url)) problems.push(`request ${request.url()}`);
  });
  await page.goto(`${url}${search}${hash}`);
  await ready(page);
  return { page, problems, context };
}

/** Opens the page, does something, and nothing may have gone wrong. */
export async function onPage(own, options, work) {
  const { page, problems, context } = await open(own, options);
  try {
    await work(page);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

export async function ready(page) {
  await page.waitForFunction(() => document.documentElement.dataset.ready !== undefined && document.querySelector('.below'), null, { timeout: 30_000 });
  await settled(page);
}

/** Waits until nothing trains and every question has been answered. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('#train')?.getAttribute('aria-pressed') === 'false');
  await page.evaluate(() => window.glassnet?.settled());
}

/** Trains so many epochs, and waits for them. */
export async function train(page, epochs) {
  const before = await page.evaluate(() => window.glassnet.state.frame.epoch);
  await page.fill('#epochs', String(epochs));
  await page.click('#many-epochs');
  await page.waitForFunction(
    (end) => window.glassnet.state.frame.epoch >= end || window.glassnet.state.frame.stop_reason !== null,
    before + epochs,
    { timeout: 120_000 },
  );
  await settled(page);
}

/** A value of the page's state. */
export function value(page, read) {
  return page.evaluate(read);
}

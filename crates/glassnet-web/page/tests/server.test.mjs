// The page as the command serves it, and a training of the command that is watched.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { GLASSNET, PAGE, ROOT, browser, open } from './browser.mjs';

let own;
before(async () => {
  own = await browser();
});
after(() => own.close());

/** Starts the command, and gives it back with the first address that it prints. */
async function started(args, options) {
  const child = spawn(GLASSNET, args, options);
  let said = '';
  const address = new Promise((done, failed) => {
    const hear = (bytes) => {
      said += bytes;
      const match = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(said);
      if (match) done(match[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', failed);
    child.on('exit', () => failed(new Error(said)));
  });
  const ended = new Promise((done) => child.on('exit', done));
  return { child, ended, address: await address };
}

function status(address, path, headers) {
  const { hostname, port } = new URL(address);
  return new Promise((done, failed) => {
    request({ hostname, port, path, headers }, (answer) => {
      answer.destroy();
      done(answer.statusCode);
    })
      .on('error', failed)
      .end();
  });
}

test('the command serves the page, to its own names only, under its policy', async () => {
  const { child, ended, address } = await started(['playground', '--port', '0']);
  try {
    assert.equal(await status(address, '/', {}), 200);
    assert.equal(await status(address, '/', { host: 'evil.example' }), 403);
    assert.equal(await status(address, '/other', {}), 404);
    const { page, problems, context } = await open(own, { url: address, offline: false });
    assert.equal(await page.locator('.neuron').count(), 5);
    // A script that did not come with the page does not run.
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.intruder = true';
      document.head.append(script);
    });
    assert.equal(await page.evaluate(() => window.intruder), undefined);
    assert.deepEqual(problems.filter((problem) => !/Content Security Policy/.test(problem)), []);
    await context.close();
  } finally {
    child.kill('SIGINT');
    assert.equal(await ended, 0);
  }
});

test('the page is written to a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glassnet-'));
  const child = spawn(GLASSNET, ['playground', '--out', 'page.html'], { cwd: folder });
  assert.equal(await new Promise((done) => child.on('exit', done)), 0);
  assert.deepEqual(readFileSync(join(folder, 'page.html')), readFileSync(PAGE));
});

test('a training is watched by who has its token, to its end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glassnet-'));
  const table = join(ROOT, 'examples/penguins.csv');
  const args = ['train', table, '--target', 'species', '--recipe', 'plain', '--epochs', '4000', '--patience', '4000', '--watch'];
  const { child, ended, address } = await started(args, { cwd: folder });
  try {
    assert.equal(await status(address, '/events?token=0', {}), 403);
    assert.equal(await status(address, '/events', {}), 403);
    const { page, problems, context } = await open(own, { url: new URL('/', address).href, search: new URL(address).search, offline: false });
    await page.waitForFunction(() => Number(document.querySelector('#watch')?.dataset.epochs) > 20);
    assert.match(await page.textContent('#watch-title'), /penguins/);
    await page.waitForSelector('#watch[data-done="true"]', { timeout: 120_000 });
    assert.equal(await page.getAttribute('#watch', 'data-epochs'), '4000');
    assert.deepEqual(problems, []);
    await context.close();
    assert.equal(await ended, 0);
  } finally {
    child.kill();
  }
});

test('a search is watched trial by trial', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glassnet-'));
  const table = join(ROOT, 'examples/penguins.csv');
  const args = ['train', table, '--target', 'species', '--recipe', 'plain', '--epochs', '60', '--tune', '8s', '--watch'];
  const { child, ended, address } = await started(args, { cwd: folder });
  try {
    const { page, problems, context } = await open(own, { url: new URL('/', address).href, search: new URL(address).search, offline: false });
    await page.waitForSelector('#watch[data-done="true"]', { timeout: 120_000 });
    assert.equal(await ended, 0);
    const lines = readFileSync(join(folder, 'penguins-model/tune.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.equal(await page.getAttribute('#watch', 'data-trials'), String(lines.length));
    const best = lines.filter(({ loss }) => loss !== null).sort((a, b) => a.loss - b.loss)[0];
    const cells = await page.$$eval('#watch tbody tr:first-child > *', (cells) => cells.map((cell) => cell.textContent));
    assert.equal(cells[0], String(best.trial));
    assert.equal(cells[2], String(best.epochs));
    if (best.loss >= 5e-5) assert.equal(cells[1], best.loss.toFixed(4));
    else assert.match(cells[1], /·10⁻|^0\.0000$/);
    assert.equal(await page.$$eval('#watch circle.trial', (points) => points.length), lines.filter(({ loss }) => loss !== null).length);
    assert.deepEqual(problems, []);
    await context.close();
  } finally {
    child.kill();
  }
});

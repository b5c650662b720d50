// The page as its users have it, in Chromium, without a network.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { GLASSNET, browser, onPage, settled, train, value } from './browser.mjs';

const fixture = (name) => JSON.parse(readFileSync(new URL(`../../../../fixtures/${name}`, import.meta.url), 'utf8'));
let own;
before(async () => {
  own = await browser();
});
after(() => own.close());
const on = (options, work) => onPage(own, options, work);

const text = (page, selector) => page.textContent(selector);

test('it opens with the tutorial, and says what it means', () =>
  on({}, async (page) => {
    assert.match(await text(page, '.meaning'), /no single neuron can/);
    assert.equal(await page.locator('.edge').count(), 16);
    assert.equal(await page.locator('.neuron').count(), 5);
    assert.equal(await page.locator('h1').count(), 1);
    // The first diagnosis comes while the page still draws itself.
    await page.waitForFunction(() => document.querySelector('#diagnosis').textContent.includes('constant_column'), null, { timeout: 5000 });
  }));

test('labels of connections are the numbers of the core, and an edit changes the prediction', () =>
  on({}, async (page) => {
    const { init_w0: first } = fixture('first_step.json');
    const params = await value(page, () => [...window.glassnet.state.frame.params]);
    first.forEach((weight, i) => assert.ok(Math.abs(weight - params[i]) < 1e-12));
    const label = await page.locator('[data-param="0"]').getAttribute('aria-label');
    assert.match(label, /0\.8122/);
    const prediction = await value(page, () => window.glassnet.state.frame.predictions[0]);
    const edge = page.locator('[data-param="12"]');
    await page.locator('.edge').first().focus();
    await edge.click({ force: true });
    await page.fill('.network form input', '2,5');
    await page.keyboard.press('Enter');
    await settled(page);
    assert.equal(await value(page, () => window.glassnet.state.frame.params[12]), 2.5);
    assert.notEqual(await value(page, () => window.glassnet.state.frame.predictions[0]), prediction);
    await edge.focus();
    await page.keyboard.press('ArrowUp');
    await settled(page);
    assert.ok(Math.abs((await value(page, () => window.glassnet.state.frame.params[12])) - 2.6) < 1e-12);
    await page.keyboard.press('Control+z');
    await settled(page);
    await page.keyboard.press('Control+z');
    await settled(page);
    assert.equal(await value(page, () => window.glassnet.state.frame.predictions[0]), prediction);
  }));

test('the nine stops show the numbers of NumPy, by keyboard', () =>
  on({}, async (page) => {
    const steps = fixture('first_step.json');
    const expected = [null, steps.z1, steps.h, steps.z2, steps.y, steps.error, steps.delta2, steps.delta1, null];
    await page.focus('.stops');
    await page.keyboard.press('Home');
    await page.waitForSelector('#stop');
    for (const [i, numbers] of expected.entries()) {
      if (numbers) {
        const shown = await page.$$eval('#stop tbody b', (all) => all.map((b) => b.title));
        const found = shown.map((title) => Number(title.replace('−', '-')));
        numbers.forEach((number, k) => assert.ok(Math.abs(number - found[k]) < 1e-12, `stop ${i + 1}: ${number} is not ${found[k]}`));
      }
      await page.keyboard.press('ArrowRight');
    }
    assert.equal(await page.locator('.stops [aria-selected="true"]').count(), 1);
  }));

test('four steps are one epoch to the bit', () =>
  on({}, async (page) => {
    const params = () => value(page, () => [...window.glassnet.state.frame.params]);
    await train(page, 1);
    const trained = await params();
    await page.click('#same-start');
    await settled(page);
    for (let i = 0; i < 4; i += 1) {
      await page.click('#take-step');
      await settled(page);
    }
    assert.deepEqual(await params(), trained);
  }));

test('a tangent has the slope that is shown, and the slope that NumPy has', () =>
  on({}, async (page) => {
    await page.waitForFunction(() => {
      const { slope, a } = document.querySelector('#position-numbers').dataset;
      return Math.abs(slope - a * (1 - a)) < 1e-12;
    });
    const { slope_y: [expected] } = fixture('first_step.json');
    const drawn = await page.evaluate(() => {
      const line = document.querySelector('.position .tangent');
      const [x1, x2, y1, y2] = ['x1', 'x2', 'y1', 'y2'].map((name) => Number(line.getAttribute(name)));
      return { slope: ((y1 - y2) / (250 - 36)) / ((x2 - x1) / (420 - 36) * 12), shown: Number(document.querySelector('#position-numbers').dataset.slope) };
    });
    assert.ok(Math.abs(drawn.shown - expected) < 1e-12, `${drawn.shown}`);
    // The drawn curve spans σ(−6) … σ(6) instead of 0 … 1.
    const span = 1 / (1 + Math.exp(-6)) - 1 / (1 + Math.exp(6));
    assert.ok(Math.abs(drawn.slope * span - expected) < 1e-9, `${drawn.slope}`);
  }));

test('the pull of a row is what the step by step finds', () =>
  on({}, async (page) => {
    const { delta2: [expected] } = fixture('first_step.json');
    const [pull] = await value(page, () => [...window.glassnet.state.frame.pulls]);
    assert.ok(Math.abs(pull - expected) < 1e-12, `${pull}`);
    await page.click('.stops li:nth-child(2)');
    await page.focus('.stops');
    await page.waitForFunction(() => document.querySelectorAll('.edge.lit').length === 12 && document.querySelectorAll('.edge.dim').length === 4);
  }));

test('it solves XOR with the tutorial’s losses, and the diagnosis has nothing to say', () =>
  on({}, async (page) => {
    await train(page, 20_000);
    const losses = await value(page, () => window.glassnet.state.losses.training.values);
    for (const [epoch, loss] of Object.entries(fixture('seed.json')['two-layers'].loss_after_epoch)) {
      assert.ok(Math.abs(losses[epoch - 1] - loss) < 1e-9, epoch);
    }
    await page.waitForFunction(() => document.querySelector('#diag').dataset.code === '');
    await page.click('text=Find the relation');
    await page.waitForSelector('#relations li');
    const words = await page.$$eval('#relations li', (all) => all.map((li) => li.textContent));
    assert.equal(words.length, 4);
    assert.ok(words.some((sentence) => sentence.includes('h1 is on only for (1, 1, 1)')), words.join('\n'));
    await page.evaluate(() => {
      const scrub = document.querySelector('#scrub');
      scrub.value = '0';
      scrub.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await settled(page);
    assert.equal(await value(page, () => window.glassnet.state.frame.epoch), 0);
  }));

test('the single neuron on XOR is stuck, and told why, with the tug of war', () =>
  on({}, async (page) => {
    await page.click('[aria-label="remove the last hidden layer"]');
    await settled(page);
    await train(page, 3_000);
    await page.waitForFunction(() => document.querySelector('#diag').dataset.code !== '');
    const code = await page.getAttribute('#diag', 'data-code');
    assert.ok(['not_linearly_separable', 'cancelling_gradients'].includes(code), code);
    await page.click('#tug summary');
    const sums = await page.$$eval('#tug .sum td[title]', (all) => all.map((td) => Number(td.title.replace('−', '-'))));
    assert.equal(sums.length, 3);
    assert.ok(sums.every((sum) => Math.abs(sum) < 0.05), sums.join());
  }));

test('a loss that is no longer finite stops before it is drawn', () =>
  on({}, async (page) => {
    await page.selectOption('#data select', 'plane');
    await settled(page);
    await page.fill('#learning-rate', '500');
    await page.press('#learning-rate', 'Enter');
    await settled(page);
    await page.click('#many-epochs');
    await page.waitForFunction(() => window.glassnet.state.frame.stop_reason?.non_finite || window.glassnet.state.frame.epoch >= 1000);
    await settled(page);
    assert.ok(await value(page, () => [...window.glassnet.state.frame.params].every(Number.isFinite)));
    assert.doesNotMatch(await text(page, 'main'), /NaN/);
  }));

test('many starts are classified, and one opens', () =>
  on({}, async (page) => {
    await page.fill('.contest input', '6000');
    await page.click('#start-contest');
    await page.waitForFunction(() => document.querySelector('#contest-result')?.dataset.done === '100', null, { timeout: 120_000 });
    const solved = Number(await page.getAttribute('#contest-result', 'data-solved'));
    assert.ok(solved > 50, `${solved} of 100`);
    await page.click('.multiples li:nth-child(3) button');
    await settled(page);
    assert.equal(await page.inputValue('#seed'), '3');
  }));

test('same start is the same, new start is another', () =>
  on({}, async (page) => {
    const params = () => value(page, () => [...window.glassnet.state.frame.params]);
    const start = await params();
    await train(page, 50);
    await page.click('#same-start');
    await settled(page);
    assert.deepEqual(await params(), start);
    await page.click('#new-start');
    await settled(page);
    assert.notDeepEqual(await params(), start);
  }));

test('a schedule has a run whose length is given, goes on after going back, and ends', () =>
  on({}, async (page) => {
    const rate = () => value(page, () => window.glassnet.state.frame.learning_rate);
    const base = await rate();
    await page.click('#controls details > summary');
    await page.selectOption('#schedule', 'cosine');
    await settled(page);
    await page.fill('#run-length', '40');
    await page.keyboard.press('Enter');
    await settled(page);
    assert.equal(await rate(), base);
    await train(page, 10);
    // Half a cosine over 40 epochs: a quarter of the way, and half of it.
    const after10 = await rate();
    assert.ok(Math.abs(after10 / base - (1 + Math.SQRT1_2) / 2) < 1e-12, String(after10));
    await train(page, 10);
    assert.ok(Math.abs((await rate()) / base - 0.5) < 1e-12);
    assert.equal(Number((await text(page, '#rate-now')).replace('−', '-')), Number((base / 2).toPrecision(3)));
    const params = () => value(page, () => [...window.glassnet.state.frame.params]);
    await train(page, 20);
    const end = await params();
    assert.ok(await page.isDisabled('#train'));
    await page.evaluate(() => {
      const scrub = document.querySelector('#scrub');
      scrub.value = '10';
      scrub.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await settled(page);
    assert.equal(await rate(), after10);
    await train(page, 100);
    assert.equal(await value(page, () => window.glassnet.state.frame.epoch), 40);
    assert.deepEqual(await params(), end);
    await page.selectOption('#schedule', 'constant');
    await settled(page);
    await train(page, 100);
    assert.equal(await rate(), base);
    assert.ok(!(await page.isDisabled('#train')));
  }));

test('tables: a file with quotes, CRLF, a mark, missing cells and a script, which stays text', () =>
  on({}, async (page) => {
    const folder = mkdtempSync(join(tmpdir(), 'glassnet-'));
    const file = join(folder, 'odd, table.csv');
    const rows = ['\ufeffname,size,"the ""kind"""', '"<img src=x onerror=alert(1)>",1.5,a', 'b,,b', '"c, d",2,a', 'e,3,b', 'f,4,a', '=1+1,5,b'];
    writeFileSync(file, rows.join('\r\n'));
    await page.setInputFiles('#file', file);
    await page.waitForSelector('#preview');
    assert.equal(await value(page, () => window.glassnet.state.table.name), 'xor', 'still open');
    assert.match(await text(page, '#preview tbody tr:first-child'), /^<img src=x onerror=alert\(1\)>1\.5a$/);
    await page.click('#close-preview');
    await page.waitForSelector('#preview', { state: 'detached' });
    await page.setInputFiles('#file', file);
    await page.waitForSelector('#preview');
    // Another table is chosen instead.
    await page.selectOption('.data select >> nth=0', 'moons');
    await page.waitForSelector('#preview', { state: 'detached' });
    await settled(page);
    await page.setInputFiles('#file', file);
    await page.selectOption('#preview select', 'size');
    await page.waitForFunction(() => window.glassnet.state.preview.table.target === 'size');
    await page.selectOption('#preview select', 'the "kind"');
    await page.waitForFunction(() => window.glassnet.state.preview.table.target === 'the "kind"');
    await page.click('#use-preview');
    await page.waitForFunction(() => window.glassnet.state.table?.name === 'odd, table.csv');
    await settled(page);
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await value(page, () => window.glassnet.state.table.columns[2].name), 'the "kind"');
    assert.equal(await value(page, () => window.glassnet.state.table.n_rows), 6);
    await train(page, 5);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-data')]);
    const saved = readFileSync(await download.path(), 'utf8');
    assert.match(saved, /^name,size,"the ""kind"""\n<img src=x onerror=alert\(1\)>,1\.5,a\n/);
    assert.match(saved, /\n'=1\+1,5,b\n/);
  }));

test('tables: missing cells are no zeros', () =>
  on({}, async (page) => {
    await page.setInputFiles('#file', new URL('../../../../examples/penguins.csv', import.meta.url).pathname);
    await page.selectOption('#preview select', 'species');
    await page.waitForFunction(() => window.glassnet.state.preview.table.target === 'species');
    await page.click('#use-preview');
    await settled(page);
    const { axes, cells, n } = await value(page, () => {
      const { axes, cells, bench } = window.glassnet.state;
      return { axes, cells: { ...cells }, n: bench.training_rows.length + bench.validation_rows.length };
    });
    assert.deepEqual(axes.columns, ['bill_length_mm', 'bill_depth_mm']);
    // The table's own 32.1 to 59.6, and an eighth more on either side.
    assert.deepEqual(axes.ranges[0].map((value) => Math.round(10 * value)), [288, 629]);
    // The lower medians of the 342 cells that are there, sorted by Python.
    assert.deepEqual([cells.flipper_length_mm, cells.body_mass_g], ['197', '4050']);
    assert.ok(['Torgersen', 'MALE'].every((cell) => Object.values(cells).includes(cell)));
    // A subpath each: a point for every row but the two without measurements.
    const points = await page.$$eval('#map .mark:not(.selected)', (paths) => paths.flatMap((path) => path.getAttribute('d').match(/M/g)).length);
    assert.equal(points, n - 2);
    assert.doesNotMatch(await text(page, '#data'), /\(\)/);
    const range = await page.$eval('#map input[type="range"]', ({ min, max }) => [min, max]);
    assert.deepEqual(range, ['172', '231']);
  }));

test('tables: pasted, with errors as the command has them', () =>
  on({}, async (page) => {
    const paste = async (table) => {
      if (!(await page.locator('#paste').count())) await page.click('#paste-button');
      await page.fill('#paste', table);
      await page.click('#use-table');
      await page.waitForSelector('#paste', { state: 'detached' });
      // An error of before may still be there.
      await page.evaluate(() => window.glassnet.settled());
      await page.waitForSelector('#preview, #error');
      if (await page.locator('#preview').count()) await page.click('#use-preview');
      await page.evaluate(() => window.glassnet.settled());
    };
    await paste('a,b\n1,2\n3\n');
    await page.waitForSelector('#error');
    assert.match(await text(page, '#error'), /row 2.*line 3|line 3/);
    // The sentence itself is in the page's language, not only its heading.
    await page.selectOption('#language', 'zh-Hant');
    assert.match(await text(page, '#error'), /第 2 列（檔案第 3 行）有 1 個值，第一行卻有 2 個/);
    assert.equal(await page.getAttribute('#error span', 'lang'), 'zh-Hant');
    await paste('size,kind\n1,a\n2,b\n"1,5",a\n3,b\n4,a\n');
    assert.match(await text(page, '#error'), /第 3 列（檔案第 4 行），欄位「size」，值「1,5」/);
    assert.doesNotMatch(await text(page, '#error'), /\{|undefined/);
    await page.selectOption('#language', 'en');
    await page.setInputFiles('#file', { name: 'large.csv', mimeType: 'text/csv', buffer: Buffer.from(`a,b\n${'1,2\n'.repeat(5001)}`) });
    await page.waitForSelector('#error[data-code="too_large"]');
    assert.match(await text(page, '#error'), /glassnet train/);
    const rows = Array.from({ length: 20 }, (_, i) => `${i},${i % 2 ? 'süß' : 'sauer'}`).join('\n');
    const file = (name, text, encoding) => page.setInputFiles('#file', { name, mimeType: 'text/csv', buffer: Buffer.from(text, encoding) });
    await file('latin-1.csv', `größe,art\n${rows}\n`, 'latin1');
    await page.waitForSelector('#error[data-code="not_text"]');
    await page.selectOption('#encoding select', 'shift_jis');
    await page.waitForFunction(() => /shift_jis/.test(document.querySelector('#error')?.textContent ?? ''));
    await page.selectOption('#encoding select', 'windows-1252');
    await page.click('#use-preview');
    await page.waitForFunction(() => window.glassnet.state.table?.name === 'latin-1.csv' && !window.glassnet.state.error);
    assert.equal(await value(page, () => window.glassnet.state.table.columns[0].name), 'größe');
    assert.equal(await page.locator('#encoding').count(), 0);
    const big5 = Buffer.from([0xab, 0xb0, 0x2c, 0x79, 0x0a, ...Array(20).fill([0xa8, 0x7c, 0x2c, 0x31, 0x0a, 0xb3, 0x5c, 0x2c, 0x32, 0x0a]).flat()]);
    await page.setInputFiles('#file', { name: 'big5.csv', mimeType: 'text/csv', buffer: big5 });
    await page.selectOption('#encoding select', 'big5');
    await page.click('#use-preview');
    await page.waitForFunction(() => window.glassnet.state.table?.name === 'big5.csv' && !window.glassnet.state.error);
    assert.deepEqual(await value(page, () => window.glassnet.state.table.cells[0].slice(0, 2)), ['育', '許']);
    await file('utf-16.csv', `\ufeffgröße,art\n${rows}\n`, 'utf16le');
    await page.click('#use-preview');
    await page.waitForFunction(() => window.glassnet.state.table?.target === 'art' && !window.glassnet.state.error);
    assert.equal(await value(page, () => window.glassnet.state.table.columns[0].name), 'größe');
    await paste(`${Array.from({ length: 30 }, (_, i) => `${(i * 0.7) % 5},${1.5 - i / 20},${i % 2 ? 'b' : 'a'}`).join('\n')}\n`);
    await page.waitForFunction(() => window.glassnet.state.table?.target === 'column_3' && !window.glassnet.state.error);
    assert.equal(await value(page, () => window.glassnet.state.table.n_rows), 30);
    assert.match(await text(page, '#data'), /the first line looks like data/);
    await paste(`age\tpaid\n${Array.from({ length: 30 }, (_, i) => `${20 + i}\t${i % 3 ? 'yes' : 'no'}`).join('\n')}\n`);
    await page.waitForFunction(() => window.glassnet.state.table?.target === 'paid' && !window.glassnet.state.error);
    await train(page, 10);
  }));

test('points are added by keyboard', () =>
  on({}, async (page) => {
    await page.selectOption('#data select', 'blank');
    await settled(page);
    await page.focus('.map svg[role="application"]');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('0');
    await page.waitForFunction(() => window.glassnet.state.table.n_rows === 3);
    await settled(page);
    assert.equal(await value(page, () => window.glassnet.state.table.cells[2][2]), '0');
  }));

test('a link brings the same bits, with and without weights', async () => {
  let [hash, params] = ['', []];
  await on({}, async (page) => {
    await page.selectOption('#data select', 'moons');
    await settled(page);
    await train(page, 20);
    params = await value(page, () => [...window.glassnet.state.frame.params]);
    await page.check('#with-weights');
    await page.click('#make-link');
    await page.waitForSelector('#link');
    hash = new URL(await page.inputValue('#link')).hash;
  });
  await on({ hash }, async (page) => {
    assert.deepEqual(await value(page, () => [...window.glassnet.state.frame.params]), params);
    assert.equal(await page.inputValue('#data select'), 'moons');
  });
  await on({ hash: hash.replace('#v1.', '#v2.') }, async (page) => {
    assert.match(await text(page, '#error'), /newer glassnet/);
  });
  await on({ hash: hash.slice(0, 40) }, async (page) => {
    assert.match(await text(page, '#error'), /cannot be read/);
  });
});

test('a link of tensorflow/playground opens as the equivalent state', () =>
  on({ hash: '#activation=relu&batchSize=5&dataset=xor&regDataset=reg-plane&learningRate=0.1&regularization=L2&regularizationRate=0.003&noise=10&networkShape=5,3&seed=0.4&percTrainData=70&x=true&y=true&xTimesY=true&xSquared=false&problem=classification' }, async (page) => {
    const state = await value(page, () => ({ ...window.glassnet.state.bench.config, names: window.glassnet.state.bench.input_names, preset: window.glassnet.state.settings.source.preset, rows: [window.glassnet.state.bench.n_training_rows, window.glassnet.state.bench.n_validation_rows] }));
    assert.deepEqual(state.hidden_layer_sizes, [5, 3]);
    assert.deepEqual([state.activation, state.batch_size, state.learning_rate, state.train.l2, state.train.l1], ['relu', 5, 0.1, 0.003, 0]);
    assert.deepEqual(state.names, ['x1', 'x2', 'x1_x2']);
    assert.deepEqual([state.preset, state.rows], ['xor_cloud', [350, 150]]);
  }));

test('the command predicts with the model file as the page does', () =>
  on({}, async (page) => {
    await page.selectOption('#data select', 'moons');
    await settled(page);
    await train(page, 30);
    const folder = mkdtempSync(join(tmpdir(), 'glassnet-'));
    for (const [id, name] of [['#save-model', 'model.safetensors'], ['#save-data', 'moons.csv']]) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(id)]);
      await download.saveAs(join(folder, name));
    }
    const said = execFileSync(GLASSNET, ['predict', 'model.safetensors', 'moons.csv'], { cwd: folder, encoding: 'utf8' });
    const [header, ...lines] = said.trim().split('\n').map((line) => line.split(','));
    const column = header.findIndex((name) => /1/.test(name) && !/^x1$/.test(name));
    const shown = await value(page, () => ({ rows: window.glassnet.state.bench.training_rows, predictions: [...window.glassnet.state.frame.predictions] }));
    shown.rows.forEach((row, i) => {
      const found = Number(lines[row][column]);
      assert.ok(Math.abs(found - shown.predictions[i]) < 1e-5, `row ${row}, ${header[column]}: ${found} is not ${shown.predictions[i]}`);
    });
  }));

test('the model file opens in the page again; a hostile one is refused', () =>
  on({}, async (page) => {
    await train(page, 200);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-model')]);
    const bytes = readFileSync(await download.path());
    const file = { name: 'xor.glassnet.safetensors', mimeType: 'application/octet-stream', buffer: bytes };
    await page.setInputFiles('#file', file);
    await page.waitForSelector('#model');
    assert.equal(await page.locator('#model .drawn svg').count(), 2);
    await page.click('#model form button');
    await page.waitForSelector('#said');
    for (const buffer of [bytes.subarray(0, bytes.length - 3), Buffer.concat([Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]), Buffer.from('{"x":1}')])]) {
      await page.setInputFiles('#file', { ...file, buffer });
      await page.waitForSelector('#error[data-code="model"]');
    }
    await train(page, 1);
  }));

test('a model of several targets, trained by the command, says in the page what predict says', () =>
  on({}, async (page) => {
    const folder = mkdtempSync(join(tmpdir(), 'glassnet-'));
    const rows = Array.from({ length: 60 }, (_, i) => [(i * 37) % 61, (i * 53) % 59].map((n) => n / 30 - 1));
    const lines = rows.map(([a, b]) => [a, b, 2 * a - b + 100, a * b].join(','));
    writeFileSync(join(folder, 't.csv'), `a,b,u,v\n${lines.join('\n')}\n`);
    const run = (...words) => execFileSync(GLASSNET, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    run('train', 't.csv', '--target', 'u', '--target', 'v', '--recipe', 'plain', '--epochs', '30', '--out', 'm', '--quiet');
    writeFileSync(join(folder, 'one.csv'), 'a,b\n0.25,-0.5\n');
    const [u, v] = run('predict', 'm', 'one.csv').trim().split('\n')[1].split(',').slice(2).map(Number);
    await page.setInputFiles('#file', { name: 'm.safetensors', mimeType: 'application/octet-stream', buffer: readFileSync(join(folder, 'm')) });
    await page.waitForSelector('#model');
    const cells = await page.$$('#model form input');
    await cells[0].fill('0.25');
    await cells[1].fill('-0.5');
    await page.click('#model form button');
    const said = await (await page.waitForSelector('#said')).textContent();
    const [, first, second] = said.match(/u = ([-−\d.]+) · v = ([-−\d.]+)/) ?? assert.fail(said);
    const number = (text) => Number(text.replace('−', '-'));
    assert.ok(Math.abs(number(first) - u) < 0.01 && Math.abs(number(second) - v) < 0.01, `${said} is not ${u}, ${v}`);
  }));

test('programs that are saved say what the page says', () =>
  on({}, async (page) => {
    await page.selectOption('#data select', 'moons');
    await settled(page);
    await train(page, 30);
    const state = await value(page, () => ({ x: [...window.glassnet.state.bench.x.slice(0, 2)], y: window.glassnet.state.frame.predictions[0] }));
    const folder = mkdtempSync(join(tmpdir(), 'glassnet-'));
    const save = async (id, name) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(id)]);
      await download.saveAs(join(folder, name));
    };
    await save('#save-rust', 'network.rs');
    const [a, b] = state.x.map((value) => (Number.isInteger(value) ? `${value}.0` : String(value)));
    writeFileSync(join(folder, 'main.rs'), `include!("network.rs");\nfn main() { println!("{:?}", predict([${a}, ${b}])[0]); }\n`);
    execFileSync('rustc', ['-O', '-o', join(folder, 'main'), join(folder, 'main.rs')]);
    const said = Number(execFileSync(join(folder, 'main'), { encoding: 'utf8' }));
    assert.ok(Math.abs(said - state.y) < 1e-12, `${said} is not ${state.y}`);
    await save('#save-c', 'network.c');
    writeFileSync(join(folder, 'main.c'), `#include <stdio.h>\n#include "network.c"\nint main(void) { double x[2] = {${a}, ${b}}, y[1]; predict(x, y); printf("%.17g\\n", y[0]); }\n`);
    execFileSync('cc', ['-o', join(folder, 'in_c'), join(folder, 'main.c'), '-lm']);
    const inC = Number(execFileSync(join(folder, 'in_c'), { encoding: 'utf8' }));
    assert.ok(Math.abs(inC - state.y) < 1e-12, `${inC} is not ${state.y}`);
    await save('#save-numpy', 'network.py');
    const hasNumPy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
    if (hasNumPy) {
      const program = `from network import predict\nprint(repr(float(predict([${a}, ${b}])[0])))`;
      const inPython = Number(execFileSync('python3', ['-c', program], { cwd: folder, encoding: 'utf8' }));
      assert.ok(Math.abs(inPython - state.y) < 1e-12, `${inPython} is not ${state.y}`);
    }
    for (const button of ['#save-svg', '#save-png']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
      const bytes = readFileSync(await download.path());
      assert.ok(button === '#save-svg' ? bytes.toString().startsWith('<svg') : bytes.subarray(1, 4).toString() === 'PNG');
    }
  }));

test('numbers of one’s own: three classes, quantiles, a plane of the table’s columns', () =>
  on({}, async (page) => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 3},${(i * 7) % 10},${['red', 'green', 'blue'][i % 3]}`);
    await page.setInputFiles('#file', { name: 'three.csv', mimeType: 'text/csv', buffer: Buffer.from(`a,b,colour\n${rows.join('\n')}\n`) });
    await page.click('#use-preview');
    await page.waitForFunction(() => window.glassnet.state.bench?.classes.length === 3);
    await settled(page);
    await train(page, 40);
    assert.equal(await value(page, () => window.glassnet.state.map.n_outputs), 3);
  }));

// Networks as programs: each is run, and says what the core says.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { core } from './core.mjs';

const folder = mkdtempSync(join(tmpdir(), 'glassnet-'));
const python = spawnSync('python3', ['-c', 'import numpy']).status === 0 ? 'python3' : undefined;
const rows = Array.from({ length: 60 }, (_, i) => `${i % 3},${(i * 7) % 10},${['red', 'green', 'blue'][i % 3]},${(i % 7) + 1}`);
const text = `a,b,colour,count\n${rows.join('\n')}\n`;
const ACTIVATIONS = ['identity', 'sigmoid', 'tanh', 'relu', 'leaky_relu', 'elu', 'selu', 'gelu', 'mish', 'softplus'];

/** What each program says of the first row, for a network of such settings. */
function check(told, table, config) {
  const read = told({ do: 'table', name: 't', text, number: ['a', 'b'], ...table });
  assert.equal(read.error, undefined);
  const opened = told({ do: 'open', recipe: 'plain', config: { hidden_layer_sizes: [5], dropout: 0, seed: 3, train: { epochs: 100 }, ...config } });
  assert.equal(opened.error, undefined, JSON.stringify(opened.error));
  told({ do: 'advance', epochs: 20 });
  const frame = told({ do: 'frame', from: 0 });
  const n = opened.layers.at(-1).n_outputs;
  const x = opened.x.slice(0, opened.input_names.length).map((value) => (Number.isInteger(value) ? `${value}.0` : String(value))).join(', ');
  const code = (to) => told({ do: 'code', to }).text;
  const at = (name) => join(folder, name);
  writeFileSync(at('k.rs'), `${code('rust')}fn main() { println!("{:?}", predict([${x}])); }`);
  execFileSync('rustc', ['-A', 'warnings', '-o', at('rust'), at('k.rs')]);
  writeFileSync(at('k.c'), `${code('c')}\n#include <stdio.h>\nint main(void) { double x[] = {${x}}, y[${n}]; predict(x, y); for (int i = 0; i < ${n}; i++) printf("%s%.17g", i ? "," : "[", y[i]); printf("]"); }`);
  execFileSync('cc', ['-o', at('c'), at('k.c'), '-lm']);
  const said = [execFileSync(at('rust'), { encoding: 'utf8' }), execFileSync(at('c'), { encoding: 'utf8' })];
  if (python) {
    writeFileSync(at('k.py'), `${code('numpy')}\nprint(predict([${x}]).tolist())`);
    said.push(execFileSync(python, [at('k.py')], { encoding: 'utf8' }));
  }
  return { expected: frame.predictions.slice(0, n), said: said.map((line) => JSON.parse(line)), target: opened.target_encoder };
}

for (const activation of ACTIVATIONS) {
  test(`three classes by ${activation}`, async () => {
    const { told } = await core();
    const { expected, said } = check(told, { target: 'colour', drop: ['count'] }, { activation });
    for (const found of said) found.forEach((value, k) => assert.ok(Math.abs(value - expected[k]) < 1e-12, `${found} is not ${expected}`));
  });
}

test('quantiles and counts', async () => {
  const { told } = await core();
  const table = { target: 'count', drop: ['colour'], task: 'regression' };
  for (const objective of [{ quantile: [0.1, 0.5, 0.9] }, 'poisson']) {
    const { expected, said, target } = check(told, table, { activation: 'tanh', objective });
    // The programs say what the objective makes of the outputs; the page says it in the target's own unit.
    const { mean, standard_deviation: deviation } = target.numbers[0].standardization;
    for (const found of said) found.forEach((value, k) => assert.ok(Math.abs(value * deviation + mean - expected[k]) < 1e-9, `${objective}: ${found}, ${expected}`));
  }
});

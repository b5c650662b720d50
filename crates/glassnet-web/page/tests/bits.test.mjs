// The core in WebAssembly gives the bits of the native one: the answers of `tests/questions.json`, whose fingerprints the Rust test has.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { core } from './core.mjs';

const folder = new URL('../../tests/', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

function fingerprint(bytes) {
  // 64 bits in two halves, as BigInt is slow: hash · 0x100000001b3 mod 2⁶⁴.
  let [high, low] = [0xcbf29ce4, 0x84222325];
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = (low & 0xffff) * 0x1b3;
    const upper = (low >>> 16) * 0x1b3 + Math.floor(product / 65536);
    const next = ((upper & 0xffff) * 65536 + (product & 0xffff)) >>> 0;
    high = (Math.imul(high, 0x1b3) + Math.floor(upper / 65536) + Math.imul(low, 0x100)) >>> 0;
    low = next;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

test('every answer has the bits of the native one', async () => {
  const { raw } = await core();
  const questions = read('questions.json');
  const answers = read('answers.json');
  assert.equal(questions.length, answers.length);
  questions.forEach((question, i) => {
    assert.equal(fingerprint(raw(question)), answers[i], `${i}: ${JSON.stringify(question)}`);
  });
});

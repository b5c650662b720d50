// Both languages say the same things, and the Chinese one says them in Chinese.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const words = (tag) => JSON.parse(readFileSync(new URL(`../words/${tag}.json`, import.meta.url), 'utf8'));
const [en, zh, errors] = [words('en'), words('zh-Hant'), words('errors-zh-Hant')];
// Names that stand as they are in every language.
const NAMES = /^(feature|formula|mark|short|map)_|^(edge|loss_line|verdict|optimizer_(nesterov|rmsprop|adam|adamw)|preset_or|setting_value|key_(dot|comma|r|n|digits))$/;

test('both languages have the same keys and places', () => {
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  for (const key of Object.keys(en)) {
    const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join();
    assert.equal(places(zh[key]), places(en[key]), key);
  }
});

test('every Chinese word has Chinese in it', () => {
  for (const [key, text] of Object.entries({ ...zh, ...errors })) {
    if (!NAMES.test(key)) assert.match(text, /[\u4e00-\u9fff]/, `${key}: ${text}`);
  }
});

test('mainland wording does not slip in', () => {
  for (const [key, text] of Object.entries({ ...zh, ...errors })) {
    assert.doesNotMatch(text, /神經網絡|數據|激活|隱含層|信息|默認|[这学习训练损权]/, `${key}: ${text}`);
  }
});

test('every key that the page names exists', () => {
  const folder = new URL('../src/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => /\.tsx?$/.test(name))) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    for (const [, key] of text.matchAll(/\bt\('([\w-]+)'/g)) assert.ok(key in en, `${file}: ${key}`);
    for (const [, start] of text.matchAll(/\bt\(`([\w-]+_)\$\{/g)) {
      assert.ok(Object.keys(en).some((key) => key.startsWith(start)), `${file}: ${start}…`);
    }
  }
});

test('every error and every note of the library has a Chinese sentence of its own values', () => {
  const source = (file) => readFileSync(new URL(`../../../glassnet/src/${file}.rs`, import.meta.url), 'utf8');
  const fields = (text) => [...text.matchAll(/^ +(?:pub )?(\w+): /gm)].map((match) => match[1]);
  // What stands within an error: a cell's place, and a name with those that there are.
  const inner = [...fields(source('error/place').split('impl')[0]), 'name', 'known', 'place'];
  const files = { table: 'error/table', schema: 'error/schema', encode: 'error/encode', note: 'notes', encode_note: 'encode_note' };
  for (const [area, file] of Object.entries(files)) {
    const [text] = source(file).split(/^impl/m);
    const variants = [...text.slice(text.indexOf('pub enum')).matchAll(/^ {4}([A-Z]\w+)(,| \{[^}]*^ {4}\}|\([^)]*\))/gms)];
    assert.ok(variants.length > 3, area);
    for (const [, variant, body] of variants) {
      const key = `${area}_${variant.replace(/(?!^)(?=[A-Z])/g, '_').toLowerCase()}`;
      assert.ok(key in errors, key);
      for (const [, place] of errors[key].matchAll(/\{(\w+)\}/g)) {
        assert.ok([...fields(body), ...inner].includes(place), `${key}: ${place}`);
      }
    }
  }
});

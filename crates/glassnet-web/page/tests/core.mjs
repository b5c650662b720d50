// The core of the built page, without a browser.

import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { PAGE } from './browser.mjs';

/** Asks the core: `raw` gives the bytes of an answer, `told` its JSON with the numbers in place. */
export async function core() {
  const packed = />([A-Za-z0-9+/=]{100000,})</.exec(readFileSync(PAGE, 'utf8'))[1];
  const { instance } = await WebAssembly.instantiate(inflateRawSync(Buffer.from(packed, 'base64')), {});
  const { memory, room, ask, answer_length } = instance.exports;
  const raw = (question) => {
    const json = new TextEncoder().encode(JSON.stringify(question));
    const place = room(4 + json.length);
    new DataView(memory.buffer).setUint32(place, json.length, true);
    new Uint8Array(memory.buffer, place + 4, json.length).set(json);
    const start = ask();
    return new Uint8Array(memory.buffer.slice(start, start + answer_length()));
  };
  const told = (question) => {
    const { buffer } = raw(question);
    const view = new DataView(buffer);
    const [length, count] = [view.getUint32(0, true), view.getUint32(4, true)];
    const numbers = new Float64Array(buffer, 8, count);
    const text = new TextDecoder().decode(new Uint8Array(buffer, 8 + 8 * count, length));
    return JSON.parse(text, (_, value) => (Array.isArray(value?.$) ? [...numbers.subarray(value.$[0], value.$[0] + value.$[1])] : value));
  };
  return { raw, told };
}

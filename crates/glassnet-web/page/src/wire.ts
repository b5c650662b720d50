// Questions to the core and its answers, as bytes: see `reply.rs`.

/** An answer: its JSON, in which numbers stand as Float64Array, and the bytes of a file. */
export interface Answer {
  json: any;
  bytes: Uint8Array;
}

/** What the core exports. */
interface Core {
  memory: WebAssembly.Memory;
  room(length: number): number;
  ask(): number;
  answer_length(): number;
}

export function packed(question: object, bytes: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(question));
  const all = new Uint8Array(4 + json.length + bytes.length);
  new DataView(all.buffer).setUint32(0, json.length, true);
  all.set(json, 4);
  all.set(bytes, 4 + json.length);
  return all;
}

/** Asks the core; what comes back is a copy that may be sent elsewhere. */
export function asked(core: Core, question: Uint8Array): ArrayBuffer {
  const room = core.room(question.length);
  new Uint8Array(core.memory.buffer, room, question.length).set(question);
  const place = core.ask();
  return core.memory.buffer.slice(place, place + core.answer_length()) as ArrayBuffer;
}

export function unpacked(answer: ArrayBuffer): Answer {
  const view = new DataView(answer);
  const jsonLength = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  const numbers = new Float64Array(answer, 8, count);
  const start = 8 + 8 * count;
  const text = new TextDecoder().decode(new Uint8Array(answer, start, jsonLength));
  const json = JSON.parse(text, (_, value) =>
    value !== null && typeof value === 'object' && Array.isArray(value.$)
      ? numbers.subarray(value.$[0], value.$[0] + value.$[1])
      : value,
  );
  return { json, bytes: new Uint8Array(answer.slice(start + jsonLength)) };
}

/** The core's program, which the page carries deflated and in base 64. */
export function compiled(packed: string): Promise<WebAssembly.Module> {
  const inflated = new Blob([bytesOf(packed)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return WebAssembly.compileStreaming(new Response(inflated, { headers: { 'Content-Type': 'application/wasm' } }));
}

/** Bytes from base 64: by the browser where it can, since a loop that has just begun is slow. */
function bytesOf(packed: string): Uint8Array<ArrayBuffer> {
  const own = Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
  if (own.fromBase64) return own.fromBase64(packed);
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The core, running. */
export async function started(program: WebAssembly.Module): Promise<Core> {
  return (await WebAssembly.instantiate(program, {})).exports as unknown as Core;
}

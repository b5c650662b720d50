// The core as the page sees it: promises of answers from the worker.

import type { Train } from './worker';
import { type Answer, compiled, packed, unpacked } from './wire';

/** Started by `boot.ts`. */
declare const coreThread: Worker;

/** What the core refuses: by a name that can be translated, in words, and the error as data. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: object | null = null,
  ) {
    super(message);
  }
}

let last = 0;
const waiting = new Map<number, { done(answers: ArrayBuffer[]): void; failed(error: Error): void }>();

/** Gives the worker the core's program, which stands in the page and is compiled here, while the worker itself still starts. */
export async function start(): Promise<void> {
  coreThread.onmessage = ({ data }) => {
    const { done, failed } = waiting.get(data.id)!;
    waiting.delete(data.id);
    if (data.error) failed(new Refusal('core', data.error));
    else done(data.answers);
  };
  const core = document.getElementById('core')!;
  const program = compiled(core.textContent!);
  core.remove();
  await send({ program: await program });
}

function send(message: object): Promise<ArrayBuffer[]> {
  return new Promise((done, failed) => {
    last += 1;
    waiting.set(last, { done, failed });
    coreThread.postMessage({ ...message, id: last });
  });
}

function checked(answer: ArrayBuffer): Answer {
  const unpackedAnswer = unpacked(answer);
  const { error } = unpackedAnswer.json;
  if (error) throw new Refusal(error.code, error.message, error.details);
  return unpackedAnswer;
}

/** Asks, and gives the answer's JSON. */
export async function ask(question: { do: string; [key: string]: unknown }): Promise<any> {
  return (await askForBytes(question)).json;
}

/** Asks, and gives JSON and bytes. */
export async function askForBytes(question: object, bytes?: Uint8Array): Promise<Answer> {
  const [answer] = await send({ question: packed(question, bytes) });
  return checked(answer);
}

/** Trains for a while; the frame after it, and the map where it was asked for. */
export async function train(train: Train): Promise<[any, any]> {
  const answers = await send({ train });
  return [checked(answers[0]).json, answers[1] ? checked(answers[1]).json : undefined];
}

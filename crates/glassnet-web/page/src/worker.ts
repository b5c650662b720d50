// The core in a thread of its own. It answers questions one after the other, and trains for a while at a time.

import { asked, packed, started, unpacked } from './wire';

type Message =
  | { id: number; program: WebAssembly.Module }
  | { id: number; question: Uint8Array }
  | { id: number; train: Train };

/** Trains for a while, and then shows the network. */
export interface Train {
  /** Milliseconds that training may take; the epochs of one round follow from it. */
  budget: number;
  /** Epochs at most. */
  most: number;
  /** The first epoch whose losses are asked for. */
  from: number;
  /** Whether the map is asked for, too: it comes where it is not too long since the last one, by what that took. */
  map: boolean;
}

let core: Awaited<ReturnType<typeof started>> | undefined;

function ask(question: object): ArrayBuffer {
  return asked(core!, packed(question));
}

/** When the last map came, and what it took. */
let lastMap = { at: -Infinity, took: 0 };

function train({ budget, most, from, map }: Train): ArrayBuffer[] {
  const start = performance.now();
  let left = most;
  let epochs = 1;
  for (;;) {
    const n = Math.min(epochs, left);
    const before = performance.now();
    const { json } = unpacked(ask({ do: 'advance', epochs: n }));
    if (json.error) break;
    left -= n;
    const now = performance.now();
    if (left <= 0 || json.stop_reason !== null || now - start >= budget) break;
    // As many as fit into what is left, by what the last ones took.
    const each = Math.max(now - before, 0.02) / n;
    epochs = Math.max(1, Math.min(epochs * 4, Math.floor((budget - (now - start)) / each)));
  }
  const answers = [ask({ do: 'frame', from })];
  const before = performance.now();
  if (map && before - lastMap.at > Math.max(30, 3 * lastMap.took)) {
    answers.push(ask({ do: 'map' }));
    lastMap = { at: before, took: performance.now() - before };
  }
  return answers;
}

// One after the other, also while the core starts.
let queue = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Message>) => {
  queue = queue.then(() => answer(data));
};

async function answer(data: Message): Promise<void> {
  const post = (answers: ArrayBuffer[]) =>
    (self as unknown as Worker).postMessage({ id: data.id, answers }, answers);
  try {
    if ('program' in data) {
      core = await started(data.program);
      post([]);
    } else if ('train' in data) {
      post(train(data.train));
    } else {
      post([asked(core!, data.question)]);
    }
  } catch (error) {
    self.postMessage({ id: data.id, error: String(error) });
  }
}

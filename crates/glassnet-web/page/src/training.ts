// What can be done with what is open: tables, trainings, models. Every answer is drawn at most once a frame.

import { ask, askForBytes, train } from './core';
import { type Settings } from './settings';
import { attempt, cellsOf, changed, inTurn, numbersOf, state } from './state';
import { type Bench, type TableInfo, noLosses } from './types';

/** Reads the table of the settings anew, and begins. */
export function openTable(): Promise<void | undefined> {
  return attempt(() =>
    inTurn(async () => {
      const { source, options } = state.settings;
      const table: TableInfo = await ask({ do: 'table', ...source, ...options });
      state.table = table;
      state.model = undefined;
      state.axes = undefined;
      state.cells = {};
      await begin();
    }),
  );
}

/** Reads a table, which is shown before it takes the place of the open one. */
export function preview(settings: Settings): Promise<void | undefined> {
  return attempt(() =>
    inTurn(async () => {
      const table: TableInfo = await ask({ do: 'preview', ...settings.source, ...settings.options });
      state.preview = { table, settings };
      state.error = undefined;
      changed();
    }),
  );
}

/** Begins a training from its start; `params` instead of the seed's. */
async function begin(params?: number[]): Promise<void> {
  const { recipe } = state.settings;
  const bench: Bench = await ask({ do: 'open', recipe, config: changes(), ...(params ? { params } : {}) });
  state.bench = bench;
  state.error = undefined;
  state.losses = noLosses();
  state.findings = [];
  state.undo = [];
  state.isTraining = false;
  state.selected = Math.min(state.selected, bench.n_shown - 1);
  await plane();
  await look(0);
  changed();
  void diagnose();
}

/** Epochs of a training that goes on until it is paused. */
export const ENDLESS = 10_000_000;

/** What is not as in the recipe: the settings' own, and that training goes on until it is paused. */
export function changes({ config }: Settings = state.settings): { [key: string]: any } {
  return { ...config, train: { epochs: ENDLESS, patience: null, ...config.train } };
}

/** The same table and settings from the start again. */
export function restart(params?: number[]): Promise<void | undefined> {
  return attempt(() => inTurn(() => begin(params)));
}

/** Changes settings and begins again. */
export function change(config: Partial<Settings['config']>, more: Partial<Settings> = {}): Promise<void | undefined> {
  const { train: trained, ...own } = config;
  const old = state.settings;
  const merged = { ...old.config, ...own, ...(trained ? { train: { ...old.config.train, ...trained } } : {}) };
  state.settings = { ...old, ...more, config: merged };
  return restart();
}

/** Settings as a whole, with their table. */
export function setSettings(settings: Settings, params?: number[]): Promise<void | undefined> {
  [state.settings, state.preview] = [settings, undefined];
  return attempt(() =>
    inTurn(async () => {
      state.table = await ask({ do: 'table', ...settings.source, ...settings.options });
      state.model = undefined;
      state.axes = undefined;
      state.cells = {};
      await begin(params);
    }),
  );
}

/** Asks for the network as it is, with losses from an epoch on. */
async function look(from: number): Promise<void> {
  take(await ask({ do: 'frame', from }), from);
  if (state.axes) state.map = await ask({ do: 'map' });
}

function take(frame: any, from: number): void {
  state.frame = frame;
  const { training, validation } = state.losses;
  training.truncate(from);
  validation.truncate(from);
  for (const loss of frame.training) training.push(loss);
  for (const loss of frame.validation) validation.push(loss);
}

/** Chooses the columns of the map where none are chosen, and tells the core. */
export async function plane(): Promise<void> {
  const { table, bench } = state;
  if (!table || !bench) return;
  const inputs = table.columns.filter((column) => column.role === 'input' && column.kind === 'number');
  const range = (name: string): [number, number] => {
    const values = numbersOf(name).filter(Number.isFinite);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const edge = (high - low || 1) * 0.12;
    return [low - edge, high + edge];
  };
  for (const column of bench.columns) {
    if (!(column.name in state.cells)) state.cells[column.name] = middle(column.name);
  }
  if (!state.axes) {
    const varied = inputs.filter((column) => new Set(numbersOf(column.name).filter(Number.isFinite)).size > 1);
    const [one, other] = varied.length > 1 ? varied : inputs;
    if (!one) {
      state.map = undefined;
      return;
    }
    const second = other ?? one;
    state.axes = { columns: [one.name, second.name], ranges: [range(one.name), range(second.name)] };
  } else {
    state.axes.ranges = [range(state.axes.columns[0]), range(state.axes.columns[1])];
  }
  const { columns, ranges } = state.axes;
  const axes = [0, 1].map((k) => [columns[k], ranges[k][0], ranges[k][1]]);
  // A large network is asked at fewer places.
  const n = bench.layers.reduce((sum, layer) => sum + layer.n_outputs, 0) > 24 ? 40 : 60;
  await ask({ do: 'plane', cells: Object.entries(state.cells), axes, n });
}

/** The map with other columns, or with the others at other values. */
export function moveMap(): void {
  void attempt(() =>
    inTurn(async () => {
      await plane();
      state.map = await ask({ do: 'map' });
      changed();
    }),
  );
}

/** The median of a column of numbers, else its first cell that is not empty. */
function middle(name: string): string {
  if (state.table?.columns.find((column) => column.name === name)?.kind !== 'number') {
    return cellsOf(name).find((cell) => cell.trim() !== '') ?? '';
  }
  const sorted = numbersOf(name).filter(Number.isFinite).sort((one, other) => one - other);
  return String(sorted[Math.floor((sorted.length - 1) / 2)] ?? 0);
}

// Training: an answer at a time, drawn at most once a frame.

let diagnosed = 0;

/** The run under way, or the last one. */
let running: Promise<unknown> = Promise.resolve();

/** Waits until a run that was paused has drawn its last round, and every question has been answered. */
export function atRest(): Promise<void> {
  return running.then(() => inTurn(async () => undefined));
}

/** Trains until it is paused, or so many epochs. */
export function run(epochs = Infinity): void {
  if (!state.bench || state.isTraining) return;
  state.isTraining = true;
  state.left = epochs;
  state.error = undefined;
  changed();
  running = attempt(async () => {
    // The next round trains while this one is drawn.
    let next = inTurn(burst);
    while (state.isTraining && state.left > 0) {
      const answer = await next;
      if (!answer || answer.bench !== state.bench) break;
      state.left -= Math.max(answer.frame.epoch - answer.from, 0);
      const isOver = answer.frame.stop_reason !== null || answer.frame.epoch === answer.from || state.left <= 0;
      if (!isOver) next = inTurn(() => burst(answer.frame.epoch));
      await draw(answer);
      if (isOver) break;
      await new Promise((done) => requestAnimationFrame(done));
    }
    const last = await next;
    if (last && last.bench === state.bench && last.frame.epoch > (state.frame?.epoch ?? 0)) await draw(last);
    state.isTraining = false;
    await inTurn(async () => {
      if (state.axes) state.map = await ask({ do: 'map' });
    });
    changed();
    await diagnose();
  });
}

const SPEEDS = { one: 1, ten: 10, hundred: 100, full: Infinity } as const;
export type Speed = keyof typeof SPEEDS;

interface Round {
  bench: Bench;
  from: number;
  frame: any;
  map: any;
}

async function burst(from = state.frame?.epoch ?? 0): Promise<Round | undefined> {
  const { bench } = state;
  if (!state.isTraining || !bench) return undefined;
  const most = Math.min(SPEEDS[state.settings.speed], state.left, 1_000_000);
  const [frame, map] = await train({ budget: 9, most, from, map: !!state.axes });
  return { bench, from, frame, map };
}

/** Shows a round, and notes what that took. */
async function draw({ frame, map, from }: Round): Promise<void> {
  const start = performance.now();
  take(frame, from);
  if (map) state.map = map;
  changed();
  // The components are drawn in a microtask.
  await new Promise<void>((done) => queueMicrotask(() => queueMicrotask(done)));
  const now = performance.now();
  state.work.push(now - start);
  if (state.work.length > 600) state.work.shift();
  if (now - diagnosed > 700 && (state.bench?.n_training_rows ?? 0) <= 600) {
    diagnosed = now;
    void inTurn(async () => {
      state.findings = (await ask({ do: 'findings' })).findings;
    });
  }
}

export function pause(): void {
  state.isTraining = false;
  changed();
}

/** What is wrong, as far as it can be seen without further trainings. */
export async function diagnose(tries = false): Promise<void> {
  await attempt(() =>
    inTurn(async () => {
      if (!state.bench) return;
      state.findings = (await ask({ do: 'findings', tries })).findings;
      changed();
    }),
  );
}

/** One update by one training row. */
export function stepRow(row: number): Promise<any> {
  return attempt(() =>
    inTurn(async () => {
      const trace = await ask({ do: 'step', row });
      await look(state.frame?.epoch ?? 0);
      changed();
      return trace;
    }),
  );
}

/** Sets one parameter by hand. */
export function setParam(index: number, value: number): void {
  const params = state.frame?.params;
  if (!params || !Number.isFinite(value)) return;
  state.undo.push(params.slice());
  const next = params.slice();
  next[index] = value;
  void setParams(next);
}

export function undo(): void {
  const params = state.undo.pop();
  if (params) void setParams(params);
}

function setParams(params: Float64Array): Promise<void | undefined> {
  return attempt(() =>
    inTurn(async () => {
      await ask({ do: 'set', params: [...params] });
      await look(state.frame?.epoch ?? 0);
      changed();
      void diagnose();
    }),
  );
}

/** Goes back to an epoch of the run. */
export function backTo(epoch: number): void {
  state.isTraining = false;
  void attempt(() =>
    inTurn(async () => {
      const { epoch: at } = await ask({ do: 'back', epoch });
      await look(at);
      changed();
    }),
  );
}

/** The network as the bytes of a model file. */
export async function modelFile(): Promise<Uint8Array | undefined> {
  const answer = await attempt(() => inTurn(() => askForBytes({ do: 'model' })));
  return answer?.bytes;
}

/** Opens a model file. */
export function openModel(name: string, bytes: Uint8Array): Promise<void | undefined> {
  return attempt(() =>
    inTurn(async () => {
      const { json } = await askForBytes({ do: 'open_model' }, bytes);
      state.model = { name, ...json };
      state.error = undefined;
      changed();
    }),
  );
}

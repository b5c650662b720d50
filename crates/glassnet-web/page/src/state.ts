// What the page has open, and what can be done with it. One object, and listeners that are told when it has changed.

import { useEffect, useState } from 'preact/hooks';
import { Refusal, ask, askForBytes, train } from './core';
import { Series } from './series';
import { type Settings, firstSettings } from './settings';
import { stored, store } from './words';

export interface Layer {
  kind: string;
  activation: string;
  bias: boolean;
  n_inputs: number;
  n_outputs: number;
  n_params: number;
  text: string;
}

export interface Block {
  name: string;
  shape: number[];
  start: number;
  end: number;
}

/** A table as the core understands it. */
export interface TableInfo {
  name: string;
  n_rows: number;
  columns: { name: string; kind: string; role: string; levels: number }[];
  /** Column after column. */
  cells: string[][];
  notes: string[];
  task: string;
  target: string;
}

/** A training that is open: everything that stays while it trains. */
export interface Bench {
  layers: Layer[];
  blocks: Block[];
  input_names: string[];
  input_columns: number[];
  columns: { name: string; encoding: any; has_missing: boolean }[];
  classes: string[];
  target: string;
  objective: any;
  config: any;
  train: any;
  can_step: boolean;
  batch_size: number;
  n_training_rows: number;
  n_validation_rows: number;
  /** Rows of the table. */
  training_rows: number[];
  validation_rows: number[];
  n_shown: number;
  x: Float64Array;
  row_classes: number[] | null;
}

/** The network at one moment. */
export interface Frame {
  epoch: number;
  loss: number;
  params: Float64Array;
  predictions: Float64Array;
  layers: { z: Float64Array | null; a: Float64Array }[];
  /** What each row asks of each output's sum. */
  pulls: Float64Array | null;
  stop_reason: any;
  broken_off: any;
  kept: number[];
}

export interface PlaneMap {
  n: number;
  n_outputs: number;
  values: Float64Array;
}

export interface Losses {
  training: Series;
  validation: Series;
}

export function noLosses(): Losses {
  return { training: new Series(), validation: new Series() };
}

export interface Axes {
  columns: [string, string];
  ranges: [[number, number], [number, number]];
}

export interface Finding {
  code: string;
  severity: string;
  message: string;
  evidence: { name: string; value: number | string }[];
  remedy: string;
  flags: string[];
}

export interface State {
  settings: Settings;
  table?: TableInfo;
  bench?: Bench;
  frame?: Frame;
  map?: PlaneMap;
  axes?: Axes;
  /** What the other columns of the map are at. */
  cells: Record<string, string>;
  losses: Losses;
  pinned: { name: string; losses: Losses }[];
  findings: Finding[];
  isTraining: boolean;
  /** Epochs left of those that were asked for. */
  left: number;
  selected: number;
  error?: { code: string; message: string };
  /** Parameters before each change by hand. */
  undo: Float64Array[];
  model?: any;
  watch?: any;
  /** The dense layer whose connections the step by step is about. */
  lit?: number;
  /** The lesson that is open. */
  lesson?: string;
  work: number[];
  theme: 'auto' | 'light' | 'dark';
  revision: number;
}

export const state: State = {
  settings: firstSettings(),
  cells: {},
  losses: noLosses(),
  pinned: [],
  findings: [],
  isTraining: false,
  left: Infinity,
  selected: 0,
  undo: [],
  work: [],
  theme: (stored('theme') as State['theme']) ?? 'auto',
  revision: 0,
};

const listeners = new Set<() => void>();

/** Tells everyone that something has changed. */
export function changed(): void {
  state.revision += 1;
  listeners.forEach((listener) => listener());
}

/**
 * Draws a component again whenever something has changed; while it trains at most once in so many milliseconds, and only where
 * one of the parts that it shows is another.
 */
export function useChanges(every = 0, parts?: () => unknown[]): State {
  const [, set] = useState(0);
  useEffect(() => {
    let last = -Infinity;
    let shown: unknown[] = [];
    const listener = () => {
      const now = performance.now();
      if (state.isTraining && now - last < every) return;
      const next = parts?.() ?? [];
      if (state.isTraining && parts && next.every((part, i) => part === shown[i])) return;
      shown = next;
      last = now;
      set(state.revision);
    };
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [every]);
  return state;
}

/** For panels of many numbers, which nobody reads sixty times a second. */
export const SLOWLY = 250;

/** Does something; what goes wrong stands on the page. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await work();
    return result;
  } catch (error) {
    state.error = { code: error instanceof Refusal ? error.code : 'page', message: String((error as Error).message) };
    state.isTraining = false;
    changed();
    return undefined;
  }
}

// One after the other: an answer belongs to the training that it was asked of.
let queue: Promise<unknown> = Promise.resolve();
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = queue.then(() => work());
  queue = next.catch(() => undefined);
  return next;
}

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

/** What is not as in the recipe: the settings' own, and that training goes on until it is paused. */
export function changes({ config }: Settings = state.settings): { [key: string]: any } {
  return { ...config, train: { epochs: 10_000_000, patience: null, ...config.train } };
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
  state.settings = settings;
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
    const values = cellsOf(name).map(Number).filter(Number.isFinite);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const edge = (high - low || 1) * 0.12;
    return [low - edge, high + edge];
  };
  for (const column of bench.columns) {
    if (!(column.name in state.cells)) state.cells[column.name] = middle(column.name);
  }
  if (!state.axes) {
    const varied = inputs.filter((column) => new Set(cellsOf(column.name)).size > 1);
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

export function cellsOf(name: string): string[] {
  const { table } = state;
  const at = table?.columns.findIndex((column) => column.name === name) ?? -1;
  return at < 0 ? [] : table!.cells[at];
}

/** The median of a column of numbers, else its first cell. */
function middle(name: string): string {
  const cells = cellsOf(name);
  const numbers = cells.filter((cell) => cell.trim() !== '').map(Number);
  if (numbers.some((number) => !Number.isFinite(number))) return cells[0] ?? '';
  const sorted = [...numbers].sort((one, other) => one - other);
  return String(sorted[Math.floor((sorted.length - 1) / 2)] ?? 0);
}

// Training: an answer at a time, drawn at most once a frame.

let diagnosed = 0;

/** Trains until it is paused, or so many epochs. */
export function run(epochs = Infinity): void {
  if (!state.bench || state.isTraining) return;
  state.isTraining = true;
  state.left = epochs;
  state.error = undefined;
  changed();
  void attempt(async () => {
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

export function setTheme(theme: State['theme']): void {
  state.theme = theme;
  store('theme', theme);
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  changed();
}

/** Where a layer's weights and biases lie among the parameters. */
export function blocksOf(bench: Bench, layer: number): { weight?: Block; bias?: Block } {
  const of = (name: string) => bench.blocks.find((block) => block.name === `layers.${layer}.${name}`);
  return { weight: of('weight'), bias: of('bias') };
}

/** The dense layers: what a reader means by layers. */
export function denseLayers(bench: { layers: Layer[] }): number[] {
  return bench.layers.flatMap((layer, i) => (layer.kind === 'dense' ? [i] : []));
}

/** The target of a shown training row: its class, or its number as written. */
export function targetOf(row: number): string {
  const { bench } = state;
  return bench ? (cellsOf(bench.target)[bench.training_rows[row]] ?? '') : '';
}

/** Whether a row is drawn as a square (target 1, or a later class) rather than as a circle. */
export function classOf(row: number): number {
  return state.bench?.row_classes?.[row] ?? 0;
}

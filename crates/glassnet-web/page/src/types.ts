// What the core answers, and what the page keeps of it.

import type { Problem } from './errors';
import { Series } from './series';
import type { Settings } from './settings';

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

/** A sentence of the core's in English, and what it says as data. */
export interface Said {
  message: string;
  /** The variants' names around the values. None where the sentence is the page's own, null where it has no other words. */
  details?: object | null;
}

/** A table as the core understands it. */
export interface TableInfo {
  name: string;
  n_rows: number;
  columns: { name: string; kind: string; role: string; levels: number }[];
  /** Column after column. */
  cells: string[][];
  notes: Said[];
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
  /** Of the next step. */
  learning_rate: number;
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
  evidence: Record<string, number | string>;
  remedy: { text: string; flags: string[] };
}

export interface State {
  settings: Settings;
  table?: TableInfo;
  /** A file that waits to be told what its text is in. */
  undecoded?: { name: string; bytes: Uint8Array };
  /** A table that may take the open one's place. */
  preview?: { table: TableInfo; settings: Settings };
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
  error?: Problem;
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

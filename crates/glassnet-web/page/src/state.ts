// What the page has open. One object, and listeners that are told when it has changed.

import { useEffect, useState } from 'preact/hooks';
import { Refusal } from './core';
import { firstSettings } from './settings';
import { type Bench, type Block, type Layer, type State, noLosses } from './types';
import { stored, store } from './words';

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

/** A component that draws itself again. */
interface Listener {
  every: number;
  last: number;
  /** Whether anything that it shows is another. */
  wants(): boolean;
  draw(now: number): void;
}

const listeners = new Set<Listener>();
/** How many slow panels are drawn with one frame while it trains. More meet in the frames that are slowest. */
const TURNS = 1;

/** Tells everyone that something has changed. While it trains slow panels take turns, or all would meet in one frame. */
export function changed(): void {
  state.revision += 1;
  const now = performance.now();
  if (!state.isTraining) {
    listeners.forEach((listener) => listener.draw(now));
    return;
  }
  const due = [...listeners].filter(({ every, last, wants }) => now - last >= every && wants());
  // First who has waited longest, by how often it wants to be drawn.
  const late = ({ last, every }: Listener) => (now - last) / every;
  const waiting = due.filter(({ every }) => every >= IN_TURN).sort((one, other) => late(other) - late(one)).slice(TURNS);
  due.filter((listener) => !waiting.includes(listener)).forEach((listener) => listener.draw(now));
}

/**
 * Draws a component again whenever something has changed; while it trains at most once in so many milliseconds, and only where
 * one of the parts that it shows is another.
 */
export function useChanges(every = 0, parts?: () => unknown[]): State {
  const [, set] = useState(0);
  const drawn = state.revision;
  useEffect(() => {
    // What came between the first drawing and now, when it begins to listen.
    if (state.revision !== drawn) set(state.revision);
    let shown: unknown[] = [];
    const listener: Listener = {
      every,
      last: -Infinity,
      wants: () => !parts || parts().some((part, i) => part !== shown[i]),
      draw(now) {
        listener.last = now;
        shown = parts?.() ?? [];
        set(state.revision);
      },
    };
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [every]);
  return state;
}

/** For panels of many numbers, which nobody reads sixty times a second. */
export const SLOWLY = 250;

/** For the loss and the map. Panels that are drawn so seldom, or more seldom still, take turns. */
export const IN_TURN = 60;

/** Does something; what goes wrong stands on the page. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await work();
    return result;
  } catch (error) {
    const { code, details } = error instanceof Refusal ? error : { code: 'page', details: null };
    state.error = { code, message: String((error as Error).message), details };
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

export function cellsOf(name: string): string[] {
  const { table } = state;
  const at = table?.columns.findIndex((column) => column.name === name) ?? -1;
  return at < 0 ? [] : table!.cells[at];
}

/** The same as numbers: NaN where a cell is missing or none. */
export function numbersOf(name: string): number[] {
  return cellsOf(name).map((cell) => (cell.trim() === '' ? NaN : Number(cell)));
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

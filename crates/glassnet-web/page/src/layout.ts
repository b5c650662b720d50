// Where the units and connections of a network are drawn.

import { blocksOf, denseLayers } from './state';
import { type Bench, type Frame } from './types';

/** Units of a layer that are drawn. */
export const MOST_UNITS = 12;
/** From the middle of an input to its left and right end. */
const WIDE_INPUT = { left: 56, right: 26 };
const NARROW_INPUT = { left: 30, right: 28 };

export interface Node {
  layer: number;
  unit: number;
  name: string;
  x: number;
  y: number;
}

export interface Edge {
  param: number;
  from: Node;
  to: Node;
  /** The number that the weight is multiplied by, for the selected row. */
  input: (row: number) => number;
}

/** What a unit is called: inputs by their column, hidden units h1 …, outputs y or their class. */
export function unitName(bench: Bench, dense: number[], place: number, unit: number): string {
  if (place < 0) return bench.input_names[unit];
  if (place === dense.length - 1) {
    const n = bench.layers[dense[place]].n_outputs;
    return n > 1 && bench.classes.length === n ? bench.classes[unit] : n > 1 ? `y${unit + 1}` : 'y';
  }
  return dense.length > 2 ? `h${place + 1}.${unit + 1}` : `h${unit + 1}`;
}

/** Where every unit and connection of the network stands. */
export function drawn(bench: Bench, frame: Frame, isNarrow: boolean) {
  const dense = denseLayers(bench);
  const counts = [bench.input_names.length, ...dense.map((layer) => bench.layers[layer].n_outputs)];
  const most = Math.min(MOST_UNITS, Math.max(...counts));
  const input = isNarrow ? NARROW_INPUT : WIDE_INPUT;
  const box = { w: Math.max(46, Math.min(isNarrow ? 72 : 104, 460 / counts.length)), h: Math.max(30, Math.min(66, 400 / most)) };
  // Room for the numbers on the connections.
  const between = 54;
  const width = isNarrow ? input.left + input.right + 6 + (counts.length - 1) * (between + box.w) : 720;
  const gap = Math.max(8, Math.min(34, 130 / most));
  const height = Math.max(230, most * (box.h + gap) + 64);
  const columnX = (column: number) => {
    if (column === 0) return input.left + (isNarrow ? 2 : 8);
    if (isNarrow) return input.left + input.right + 2 + column * (between + box.w) - box.w / 2;
    return 100 + ((column - 0.2) * (width - 190)) / (counts.length - 1 + 0.0001);
  };
  const nodes: Node[][] = counts.map((count, column) => {
    const shown = Math.min(count, MOST_UNITS);
    const hasBias = column < dense.length && bench.layers[dense[column]].bias;
    const rows = shown + (hasBias ? 0.6 : 0);
    return Array.from({ length: shown }, (_, unit) => ({
      layer: column - 1,
      unit,
      name: unitName(bench, dense, column - 1, unit),
      x: columnX(column),
      y: height / 2 + (unit - (rows - 1) / 2) * (box.h + gap) + 4,
    }));
  });
  const edges: Edge[] = [];
  const biases: Node[] = [];
  dense.forEach((layer, place) => {
    const { weight, bias } = blocksOf(bench, layer);
    const before = place === 0 ? -1 : dense[place - 1];
    const inputs = bench.layers[layer].n_inputs;
    const value = (row: number, input: number) =>
      before < 0 ? bench.x[row * inputs + input] : frame.layers[layer - 1].a[row * inputs + input];
    for (const from of nodes[place]) {
      for (const to of nodes[place + 1]) {
        if (!weight) continue;
        const param = weight.start + from.unit * weight.shape[1] + to.unit;
        edges.push({ param, from, to, input: (row) => value(row, from.unit) });
      }
    }
    if (bias) {
      const last = nodes[place].at(-1)!;
      const from = { layer: place - 1, unit: -1, name: '1', x: last.x, y: last.y + box.h * 0.5 + gap * 0.6 + 18 };
      biases.push(from);
      for (const to of nodes[place + 1]) edges.push({ param: bias.start + to.unit, from, to, input: () => 1 });
    }
  });
  const bottom = Math.max(height, ...biases.map((node) => node.y + 24));
  return { dense, counts, nodes, edges, biases, input, box, width, height: bottom };
}

// Activation functions as curves, asked of the core once each.

import { ask } from './core';
import { changed } from './state';

export interface Curve {
  z: Float64Array;
  a: Float64Array;
  slope: Float64Array;
  low: number;
  high: number;
}

export const REACH = 6;
const curves = new Map<string, Curve | 'asked'>();

/** a = f(z) on −6 … 6, or nothing until it is known. */
export function curve(activation: string): Curve | undefined {
  const known = curves.get(activation);
  if (known && known !== 'asked') return known;
  if (!known) {
    curves.set(activation, 'asked');
    void ask({ do: 'curve', activation, low: -REACH, high: REACH, n: 61 }).then((json) => {
      curves.set(activation, { ...json, low: Math.min(...json.a), high: Math.max(...json.a) });
      changed();
    });
  }
  return undefined;
}

/** Each curve's paths, by the box: every neuron has one, and is drawn with every frame. */
const paths = new WeakMap<Curve, Map<string, string>>();

/** The curve as a path in a box, and where a point (z, a) lies in it. */
export function inBox(of: Curve, width: number, height: number, pad = 0) {
  const x = (z: number) => pad + ((Math.max(-REACH, Math.min(REACH, z)) + REACH) / (2 * REACH)) * (width - 2 * pad);
  const span = of.high - of.low || 1;
  const y = (a: number) => height - pad - ((a - of.low) / span) * (height - 2 * pad);
  const key = `${width} ${height} ${pad}`;
  if (!paths.has(of)) paths.set(of, new Map());
  const known = paths.get(of)!;
  if (!known.has(key)) {
    known.set(key, Array.from(of.z, (z, i) => `${i ? 'L' : 'M'}${x(z).toFixed(1)} ${y(of.a[i]).toFixed(1)}`).join(''));
  }
  return { x, y, path: known.get(key)! };
}

// P6: what the network says everywhere on a plane of two columns.

import { Component } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { addPoint } from './data';
import { decimals, short } from './format';
import { takesPoints } from './settings';
import { cellsOf, classOf, IN_TURN, numbersOf, state, useChanges } from './state';
import { moveMap } from './training';
import { type Axes, type Bench, type PlaneMap, type State } from './types';
import { language, t } from './words';

const SIZE = 300;

/** Colours of classes, as three numbers. The first two are Okabe and Ito's vermilion and blue. */
const CLASS_COLOURS = [
  [213, 94, 0],
  [0, 114, 178],
  [0, 158, 115],
  [204, 121, 167],
  [230, 159, 0],
  [86, 180, 233],
];

/** The share of the first class and the second, or a number between the lowest and the highest, as a colour. */
function painted(map: NonNullable<State['map']>, isClasses: boolean, range: [number, number], isDark: boolean): ImageData {
  const { n, n_outputs: outputs, values } = map;
  const image = new ImageData(n, n);
  const ground = isDark ? [24, 27, 31] : [255, 255, 255];
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < n; j += 1) {
      const at = (i * n + j) * outputs;
      let colour: number[];
      let strength: number;
      if (outputs > 1 && isClasses) {
        let best = 0;
        for (let k = 1; k < outputs; k += 1) if (values[at + k] > values[at + best]) best = k;
        colour = CLASS_COLOURS[best % CLASS_COLOURS.length];
        strength = Math.max(0, (values[at + best] - 1 / outputs) / (1 - 1 / outputs));
      } else {
        const share = (values[at] - range[0]) / (range[1] - range[0] || 1);
        colour = CLASS_COLOURS[share >= 0.5 ? 1 : 0];
        strength = Math.min(1, Math.abs(share - 0.5) * 2);
      }
      const place = ((n - 1 - i) * n + j) * 4;
      for (let c = 0; c < 3; c += 1) {
        image.data[place + c] = ground[c] + (colour[c] - ground[c]) * strength * (isDark ? 0.62 : 0.55);
      }
      image.data[place + 3] = 255;
    }
  }
  return image;
}

/** Where the values pass some levels, each as a path in a square. */
function contours(values: Float64Array, n: number, levels: number[]): string[] {
  const paths = levels.map(() => '');
  const step = SIZE / (n - 1);
  // Tenths, so that numbers are written fast.
  const tenth = (value: number) => Math.round(value * 10) / 10;
  for (let i = 0; i < n - 1; i += 1) {
    for (let j = 0; j < n - 1; j += 1) {
      const at = i * n + j;
      const [a, b, c, d] = [values[at], values[at + 1], values[at + n + 1], values[at + n]];
      const low = Math.min(a, b, c, d);
      const high = Math.max(a, b, c, d);
      for (let k = 0; k < levels.length; k += 1) {
        const level = levels[k];
        if (low >= level || high < level) continue;
        const x = j * step;
        const y = SIZE - i * step;
        const cuts: number[] = [];
        if (a < level !== b < level) cuts.push(x + (step * (level - a)) / (b - a), y);
        if (b < level !== c < level) cuts.push(x + step, y - (step * (level - b)) / (c - b));
        if (c < level !== d < level) cuts.push(x + (step * (level - d)) / (c - d), y - step);
        if (d < level !== a < level) cuts.push(x, y - (step * (level - a)) / (d - a));
        for (let cut = 0; cut + 3 < cuts.length; cut += 4) {
          paths[k] += `M${tenth(cuts[cut])} ${tenth(cuts[cut + 1])}L${tenth(cuts[cut + 2])} ${tenth(cuts[cut + 3])}`;
        }
      }
    }
  }
  return paths;
}

let known: { map: PlaneMap; paths: string[] } | undefined;

/** The same, found once a map. */
function contoursOf(map: PlaneMap, levels: number[]): string[] {
  if (known?.map !== map) known = { map, paths: contours(map.values, map.n, levels) };
  return known.paths;
}

export function isDark(): boolean {
  if (state.theme !== 'auto') return state.theme === 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

/** The lowest and the highest that the target can be, for colours. */
function targetRange(): [number, number] {
  const { bench } = state;
  if (!bench) return [0, 1];
  if (bench.classes.length) return [0, 1];
  const numbers = numbersOf(bench.target).filter(Number.isFinite);
  return [Math.min(...numbers), Math.max(...numbers)];
}

export function MapPanel() {
  const { map, axes, bench, table, selected, frame } = useChanges(IN_TURN, () => [state.map, state.bench, state.selected, state.theme, language()]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<[number, number]>();
  const isClasses = (bench?.classes.length ?? 0) > 0;
  const range = targetRange();
  const theme = isDark();
  useEffect(() => {
    if (!map || !canvas.current) return;
    const shownRange: [number, number] = isClasses ? [0, 1] : range;
    const image = painted(map, isClasses, shownRange, theme);
    canvas.current.width = map.n;
    canvas.current.height = map.n;
    canvas.current.getContext('2d')!.putImageData(image, 0, 0);
  }, [map, theme]);
  if (!bench || !table) return null;
  const numbers = table.columns.filter((column) => column.role === 'input' && column.kind === 'number');
  if (!map || !axes) {
    return (
      <section class="panel map" id="map" aria-labelledby="map-title">
        <header>
          <h2 id="map-title">{t('map')}</h2>
        </header>
        <p class="hint">{t('map_needs_numbers')}</p>
      </section>
    );
  }
  const [[x0, x1], [y0, y1]] = axes.ranges;
  const px = (x: number) => ((x - x0) / (x1 - x0)) * SIZE;
  const py = (y: number) => SIZE - ((y - y0) / (y1 - y0)) * SIZE;
  const [xs, ys] = axes.columns.map(numbersOf);
  const isOne = map.n_outputs === 1;
  const { values } = map;
  const [low, high] = isClasses ? [0, 1] : range;
  const at = (share: number) => low + share * (high - low);
  const [low1, half, high1] = isOne ? contoursOf(map, [0.1, 0.5, 0.9].map(at)) : ['', '', ''];
  const read = cursor && valueAt(cursor);
  const isHalf = low === 0 && high === 1;
  const hint = isOne ? (isHalf ? 'map_hint' : 'map_hint_level') : isClasses ? 'map_hint_classes' : 'map_hint_plain';
  const others = bench.columns.filter((column) => !axes.columns.includes(column.name));

  function valueAt([x, y]: [number, number]): Float64Array {
    const n = map!.n;
    const j = Math.max(0, Math.min(n - 1, Math.round(((x - x0) / (x1 - x0)) * (n - 1))));
    const i = Math.max(0, Math.min(n - 1, Math.round(((y - y0) / (y1 - y0)) * (n - 1))));
    return values.subarray((i * n + j) * map!.n_outputs, (i * n + j + 1) * map!.n_outputs);
  }

  function place(event: MouseEvent): [number, number] {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const x = x0 + ((event.clientX - box.left) / box.width) * (x1 - x0);
    return [x, y1 - ((event.clientY - box.top) / box.height) * (y1 - y0)];
  }

  function keys(event: KeyboardEvent) {
    const [x, y] = cursor ?? [(x0 + x1) / 2, (y0 + y1) / 2];
    const [dx, dy] = [(x1 - x0) / 40, (y1 - y0) / 40];
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [x - dx, y],
      ArrowRight: [x + dx, y],
      ArrowUp: [x, y + dy],
      ArrowDown: [x, y - dy],
    };
    const next = moves[event.key];
    if (next) {
      event.preventDefault();
      event.stopPropagation();
      setCursor([Math.max(x0, Math.min(x1, next[0])), Math.max(y0, Math.min(y1, next[1]))]);
    } else if (canAdd && (event.key === '0' || event.key === '1')) {
      event.preventDefault();
      event.stopPropagation();
      addPoint([x, y], event.key);
    }
  }

  const canAdd = takesPoints(table.columns) && !state.isTraining;
  const bounds = [xs, ys].map((cells) => {
    const list = cells.map(Number).filter(Number.isFinite);
    return [Math.min(...list), Math.max(...list)];
  });
  return (
    <section class="panel map" id="map" aria-labelledby="map-title">
      <header>
        <h2 id="map-title">{t('map')}</h2>
      </header>
      <div class="square">
        <canvas ref={canvas} aria-hidden="true" />
        <svg
          viewBox={`0 0 ${SIZE} ${SIZE}`}
          role="application"
          tabindex={0}
          aria-label={t('map_about', { x: axes.columns[0], y: axes.columns[1] })}
          onMouseMove={(event) => setCursor(place(event))}
          onMouseLeave={() => setCursor(undefined)}
          onClick={(event) => canAdd && state.settings.source.preset === 'blank' && addPoint(place(event), event.shiftKey ? '0' : '1')}
          onKeyDown={keys}
        >
          <defs>
            <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line class="hatch" x1="0" y1="0" x2="0" y2="7" />
            </pattern>
          </defs>
          <path
            class="outside"
            fill="url(#hatch)"
            fill-rule="evenodd"
            d={`M0 0H${SIZE}V${SIZE}H0ZM${px(bounds[0][0])} ${py(bounds[1][0])}V${py(bounds[1][1])}H${px(bounds[0][1])}V${py(bounds[1][0])}Z`}
          />
          {isOne && <path class="contour thin" d={low1 + high1} />}
          {isOne && <path class="contour" d={half} />}
          <Points bench={bench} axes={axes} at={(x, y) => [px(x), py(y)]} range={range} />
          {selected < bench.training_rows.length && (
            <Selected at={[px(xs[bench.training_rows[selected]]), py(ys[bench.training_rows[selected]])]} kind={classOf(selected)} />
          )}
          {cursor && <path class="cursor" d={`M${px(cursor[0])} 0V${SIZE}M0 ${py(cursor[1])}H${SIZE}`} />}
        </svg>
      </div>
      <p class="line" role="status">
        {cursor && read
          ? `${axes.columns[0]} = ${short(cursor[0])}, ${axes.columns[1]} = ${short(cursor[1])} → ${[...read].map((value) => decimals(value, 3)).join(', ')}`
          : t(hint, { epoch: frame?.epoch ?? 0, level: short(at(0.5)) })}
      </p>
      <div class="fields">
        {[0, 1].map((k) => (
          <label key={k}>
            {k === 0 ? t('across') : t('up')}
            <select
              value={axes.columns[k]}
              onChange={(event) => {
                axes.columns[k] = (event.target as HTMLSelectElement).value;
                moveMap();
              }}
            >
              {numbers.map((column) => (
                <option key={column.name} value={column.name}>
                  {column.name}
                </option>
              ))}
            </select>
          </label>
        ))}
        {others.map(({ name }) => (
          <Other key={name} name={name} />
        ))}
      </div>
    </section>
  );
}

function kindOf(row: number): number {
  const { bench } = state;
  const cell = cellsOf(bench!.target)[row];
  const at = bench!.classes.indexOf(cell);
  return at < 0 ? Number(Number(cell) >= 0.5) : at;
}

const circle = (x: number, y: number, r: number) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
const square = (x: number, y: number, r: number) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`;
const triangle = (x: number, y: number, r: number) => `M${x} ${y - 1.3 * r}L${x + 1.2 * r} ${y + r}H${x - 1.2 * r}Z`;
const SHAPES = [circle, square, triangle];

interface PointsProps {
  bench: Bench;
  axes: Axes;
  at(x: number, y: number): [number, number];
  range: [number, number];
}

/** The rows, a path a class: by shape and colour for classes, by size for numbers. They stay while it trains. */
class Points extends Component<PointsProps> {
  shouldComponentUpdate(next: PointsProps): boolean {
    return next.bench !== this.props.bench || String(next.axes.columns) !== this.drawn;
  }

  drawn = '';

  render({ bench, axes, at, range }: PointsProps) {
    this.drawn = String(axes.columns);
    const [xs, ys, targets] = [...axes.columns, bench.target].map(numbersOf);
    const areClasses = bench.classes.length > 0 || bench.row_classes !== null;
    const paths = (rows: number[], isHeld: boolean) => {
      const all = ['', '', ''];
      rows.forEach((row, i) => {
        const [x, y] = at(xs[row], ys[row]).map((v) => Number(v.toFixed(1)));
        if (!Number.isFinite(x) || !Number.isFinite(y)) return;
        if (areClasses) {
          const kind = (isHeld ? kindOf(row) : classOf(i)) % 3;
          all[kind] += SHAPES[kind](x, y, (isHeld ? 2.4 : 3.8) * (kind === 1 ? 0.88 : 1));
        } else {
          const share = (targets[row] - range[0]) / (range[1] - range[0] || 1);
          all[share >= 0.5 ? 1 : 0] += circle(x, y, Number((1.2 + 3.4 * Math.abs(share - 0.5) * 2).toFixed(1)));
        }
      });
      return all.map((path, kind) => path && <path key={kind} class={`mark kind${kind} ${isHeld ? 'held' : ''}`} d={path} />);
    };
    return (
      <g>
        {paths(bench.validation_rows, true)}
        {paths(bench.training_rows, false)}
      </g>
    );
  }
}

function Selected({ at: [x, y], kind }: { at: [number, number]; kind: number }) {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
  return <path class={`mark selected kind${kind % 3}`} d={SHAPES[kind % 3](x, y, 6)} />;
}

/** What another column is at, for the whole map. */
function Other({ name }: { name: string }) {
  const cells = cellsOf(name);
  const different = [...new Set(cells)];
  const isNumber = state.table?.columns.find((column) => column.name === name)?.kind === 'number';
  const numbers = isNumber ? numbersOf(name).filter(Number.isFinite) : [];
  const set = (value: string) => {
    state.cells[name] = value;
    moveMap();
  };
  if (different.length <= 1) {
    return <span class="constant">{t('constant', { name, value: different[0] ?? '' })}</span>;
  }
  if (new Set(numbers).size > 2) {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    return (
      <label>
        {name} = {short(Number(state.cells[name]))}
        <input type="range" min={low} max={high} step={(high - low) / 100} value={state.cells[name]} onInput={(event) => set((event.target as HTMLInputElement).value)} />
      </label>
    );
  }
  return (
    <label>
      {name}
      <select value={state.cells[name]} onChange={(event) => set((event.target as HTMLSelectElement).value)}>
        {different.slice(0, 40).map((cell) => (
          <option key={cell} value={cell}>
            {cell}
          </option>
        ))}
      </select>
    </label>
  );
}

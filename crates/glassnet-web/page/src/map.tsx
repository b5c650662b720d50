// P6: what the network says everywhere on a plane of two columns.

import { useEffect, useRef, useState } from 'preact/hooks';
import { decimals, short } from './format';
import { addPoint } from './table';
import { type State, cellsOf, classOf, moveMap, state, useChanges } from './state';
import { t } from './words';
import { takesPoints } from './settings';

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

/** Where the values pass a level, as a path in a square of side 1. */
function contour(values: Float64Array, n: number, outputs: number, level: number): string {
  let path = '';
  const at = (i: number, j: number) => values[(i * n + j) * outputs] - level;
  const place = (i: number, j: number) => `${((j / (n - 1)) * SIZE).toFixed(1)} ${((1 - i / (n - 1)) * SIZE).toFixed(1)}`;
  for (let i = 0; i < n - 1; i += 1) {
    for (let j = 0; j < n - 1; j += 1) {
      const corners: [number, number, number][] = [
        [at(i, j), i, j],
        [at(i, j + 1), i, j + 1],
        [at(i + 1, j + 1), i + 1, j + 1],
        [at(i + 1, j), i + 1, j],
      ];
      const cuts: string[] = [];
      for (let k = 0; k < 4; k += 1) {
        const [a, ai, aj] = corners[k];
        const [b, bi, bj] = corners[(k + 1) % 4];
        if (a < 0 !== b < 0) {
          const share = a / (a - b);
          cuts.push(place(ai + (bi - ai) * share, aj + (bj - aj) * share));
        }
      }
      for (let k = 0; k + 1 < cuts.length; k += 2) path += `M${cuts[k]}L${cuts[k + 1]}`;
    }
  }
  return path;
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
  const numbers = cellsOf(bench.target).map(Number).filter(Number.isFinite);
  return [Math.min(...numbers), Math.max(...numbers)];
}

export function MapPanel() {
  const { map, axes, bench, table, selected, frame } = useChanges();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<[number, number]>();
  const isClasses = (bench?.classes.length ?? 0) > 0;
  const range = targetRange();
  useEffect(() => {
    if (!map || !canvas.current) return;
    const shownRange: [number, number] = isClasses ? [0, 1] : range;
    const image = painted(map, isClasses, shownRange, isDark());
    canvas.current.width = map.n;
    canvas.current.height = map.n;
    canvas.current.getContext('2d')!.putImageData(image, 0, 0);
  });
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
  const [xs, ys] = axes.columns.map((name) => cellsOf(name));
  const isOne = map.n_outputs === 1;
  const { values } = map;
  const [low, high] = isClasses ? [0, 1] : range;
  const at = (share: number) => low + share * (high - low);
  const read = cursor && valueAt(cursor);
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
  const shown = (list: number[], isValidation: boolean) =>
    list.map((row, i) => {
      const kind = isValidation ? kindOf(row) : classOf(i);
      const [x, y] = [Number(xs[row]), Number(ys[row])];
      if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
      const kindName = isClasses || bench.row_classes ? kind : -1;
      return <Point key={`${isValidation}${row}`} x={px(x)} y={py(y)} kind={kindName} isValidation={isValidation} isSelected={!isValidation && i === selected} value={Number(cellsOf(bench.target)[row])} range={range} />;
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
          {isOne && <path class="contour thin" d={contour(values, map.n, 1, at(0.1)) + contour(values, map.n, 1, at(0.9))} />}
          {isOne && <path class="contour" d={contour(values, map.n, 1, at(0.5))} />}
          {shown(bench.validation_rows, true)}
          {shown(bench.training_rows, false)}
          {cursor && <path class="cursor" d={`M${px(cursor[0])} 0V${SIZE}M0 ${py(cursor[1])}H${SIZE}`} />}
        </svg>
      </div>
      <p class="line" role="status">
        {cursor && read
          ? `${axes.columns[0]} = ${short(cursor[0])}, ${axes.columns[1]} = ${short(cursor[1])} → ${[...read].map((value) => decimals(value, 3)).join(', ')}`
          : t('map_hint', { epoch: frame?.epoch ?? 0 })}
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

/** A point: by shape and colour for classes, by size for numbers. */
function Point({ x, y, kind, isValidation, isSelected, value, range }: {
  x: number;
  y: number;
  kind: number;
  isValidation: boolean;
  isSelected: boolean;
  value: number;
  range: [number, number];
}) {
  const r = isSelected ? 6.5 : isValidation ? 2.6 : 4;
  const share = (value - range[0]) / (range[1] - range[0] || 1);
  const marks = `mark kind${kind < 0 ? (share >= 0.5 ? 1 : 0) : kind % 3} ${isValidation ? 'held' : ''} ${isSelected ? 'selected' : ''}`;
  if (kind < 0) return <circle class={marks} cx={x} cy={y} r={1.5 + 3.5 * Math.abs(share - 0.5) * 2} />;
  if (kind % 3 === 0) return <circle class={marks} cx={x} cy={y} r={r} />;
  if (kind % 3 === 1) return <rect class={marks} x={x - r * 0.9} y={y - r * 0.9} width={1.8 * r} height={1.8 * r} />;
  return <path class={marks} d={`M${x} ${y - r * 1.2}L${x + r * 1.1} ${y + r}L${x - r * 1.1} ${y + r}Z`} />;
}

/** What another column is at, for the whole map. */
function Other({ name }: { name: string }) {
  const cells = cellsOf(name);
  const different = [...new Set(cells)];
  const numbers = cells.map(Number);
  const set = (value: string) => {
    state.cells[name] = value;
    moveMap();
  };
  if (different.length <= 1) {
    return <span class="constant">{t('constant', { name, value: different[0] ?? '' })}</span>;
  }
  if (numbers.every(Number.isFinite) && different.length > 2) {
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

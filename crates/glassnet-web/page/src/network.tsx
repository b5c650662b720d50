// P1: the network, each neuron as its own curve.

import { useEffect, useState } from 'preact/hooks';
import { curve, inBox } from './curves';
import { decimals, full, typed } from './format';
import { drawn, type Edge, MOST_UNITS, type Node } from './layout';
import { classOf, state, useChanges } from './state';
import { setParam, undo } from './training';
import { type Bench, type Frame, type Layer } from './types';
import { t } from './words';

/** Connections whose numbers are always shown. */
const MOST_LABELS = 24;
/** The same on a phone, between two layers. */
const MOST_NARROW_LABELS = 8;
/** Connections that are elements of their own. */
const MOST_ELEMENTS = 80;
/** Rows that are drawn one by one. */
export const MOST_MARKERS = 16;

/** Where a network is drawn: on a phone everything is closer together. */
const NARROW = '(max-width: 760px)';
/** Whether the window is narrow now. */
function useNarrow(): boolean {
  const [isNarrow, set] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const changed = () => set(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return isNarrow;
}

export function NetworkPanel() {
  // A large network is drawn twenty times a second.
  const { bench, frame, selected, lit } = useChanges((state.frame?.params.length ?? 0) > MOST_ELEMENTS ? 45 : 0);
  const [focus, setFocus] = useState(0);
  const [isEdited, setEdited] = useState(false);
  const [isFlow, setFlow] = useState(false);
  const [hovered, setHovered] = useState<number>();
  const isNarrow = useNarrow();
  if (!bench || !frame) return null;
  const { dense, counts, nodes, edges, biases, input, box, width, height } = drawn(bench, frame, isNarrow);
  const amount = (edge: Edge) => frame.params[edge.param] * (isFlow ? edge.input(selected) : 1);
  const largest = Math.max(1e-12, ...edges.map((edge) => Math.abs(amount(edge))));
  const isLabelled = ({ to }: Edge) =>
    edges.length <= MOST_LABELS && (!isNarrow || nodes[to.layer].length * nodes[to.layer + 1].length <= MOST_NARROW_LABELS);
  const current = edges[hovered ?? Math.min(focus, edges.length - 1)];
  const half = box.w / 2;

  const isLarge = edges.length > MOST_ELEMENTS;
  const place = Math.min(hovered ?? focus, edges.length - 1);
  const endsOf = (edge: Edge) => [end(edge.from, true), edge.from.y, end(edge.to, false), edge.to.y];
  const end = (node: Node, isRight: boolean) =>
    node.unit < 0 ? node.x + (isRight ? 9 : -9) : node.x + (isRight ? 1 : -1) * (node.layer < 0 ? input.right : half);

  function keys(event: KeyboardEvent) {
    const by = event.shiftKey ? 1 : 0.1;
    const edge = edges[focus];
    const moves: Record<string, () => void> = {
      ArrowUp: () => setParam(edge.param, frame!.params[edge.param] + by),
      ArrowDown: () => setParam(edge.param, frame!.params[edge.param] - by),
      ArrowRight: () => move(1),
      ArrowLeft: () => move(-1),
      Enter: () => setEdited(true),
      Escape: () => setEdited(false),
    };
    const act = event.key === 'z' && (event.ctrlKey || event.metaKey) ? undo : moves[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function move(by: number) {
    const next = (focus + by + edges.length) % edges.length;
    setFocus(next);
    requestAnimationFrame(() => document.querySelector<SVGElement>(`[data-edge="${next}"]`)?.focus());
  }

  return (
    <section class="panel network" id="network" aria-labelledby="network-title">
      <header>
        <h2 id="network-title">{t('network')}</h2>
        <div class="tools" role="group" aria-label={t('edges_show')}>
          <button aria-pressed={!isFlow} onClick={() => setFlow(false)}>
            {t('weights')}
          </button>
          <button aria-pressed={isFlow} onClick={() => setFlow(true)}>
            {t('flow')}
          </button>
          <button onClick={undo} disabled={!state.undo.length}>
            {t('undo')}
          </button>
        </div>
      </header>
      <div class="scroll" tabindex={0} role="region" aria-label={t('network')}>
        <svg
          viewBox={`0 0 ${width} ${height}`}
          style={isNarrow ? { minWidth: `${0.9 * width}px` } : undefined}
          onMouseMove={(event) => {
            if (!isLarge) return;
            const area = (event.currentTarget as Element).getBoundingClientRect();
            const x = ((event.clientX - area.left) / area.width) * width;
            const y = ((event.clientY - area.top) / area.height) * height;
            const distances = edges.map((edge) => distance(x, y, endsOf(edge)));
            const nearest = distances.indexOf(Math.min(...distances));
            setHovered(distances[nearest] < 8 ? nearest : undefined);
          }}
          onMouseLeave={() => setHovered(undefined)}
          role="group"
          aria-label={t('network_about', { layers: counts.join(' – ') })}>
          <g class="edges">
            {isLarge && bundles(edges.map((edge) => ({ edge, share: amount(edge) / largest, ends: endsOf(edge) })))}
            {edges.map((edge, i) => {
              // Of many connections only the current one is an element of its own.
              if (isLarge && i !== place) return null;
              const value = amount(edge);
              const [x1, y1, x2, y2] = endsOf(edge);
              // Each source has a place of its own along its lines, where they are already apart.
              const sources = nodes[edge.from.layer + 1].length;
              const at = edge.from.unit < 0 ? 0.82 : 0.3 + (sources > 1 ? (0.42 * edge.from.unit) / (sources - 1) : 0.2);
              const name = t('edge', { from: edge.from.name, to: edge.to.name });
              return (
                <g
                  key={isLarge ? 'current' : edge.param}
                  class={`edge ${value < 0 ? 'minus' : 'plus'} ${lit === undefined ? '' : edge.to.layer === lit ? 'lit' : 'dim'}`}
                  role="button"
                  tabindex={i === Math.min(focus, edges.length - 1) || isLarge ? 0 : -1}
                  data-edge={i}
                  data-param={edge.param}
                  aria-label={`${name}: ${decimals(value)}`}
                  onFocus={() => setFocus(i)}
                  onKeyDown={keys}
                  onClick={() => {
                    setFocus(i);
                    setEdited(true);
                  }}
                  onMouseEnter={() => isLarge || setHovered(i)}
                  onMouseLeave={() => isLarge || setHovered(undefined)}
                >
                  <line class="hit" x1={x1} y1={y1} x2={x2} y2={y2} />
                  <line x1={x1} y1={y1} x2={x2} y2={y2} stroke-width={0.8 + 4.2 * (Math.abs(value) / largest)} />
                  {isLabelled(edge) && (
                    <text x={x1 + (x2 - x1) * at} y={y1 + (y2 - y1) * at + 3.5} text-anchor="middle">
                      {decimals(value, 2)}
                    </text>
                  )}
                </g>
              );
            })}
          </g>
          {nodes[0].map((node) => (
            <g key={node.unit} class="input" transform={`translate(${node.x} ${node.y})`}>
              <rect x={-input.left} y={-14} width={input.left + input.right} height={28} rx={14} />
              <text x={(input.right - input.left) / 2} y={4.5} text-anchor="middle">
                {shortened(node.name, isNarrow ? 6 : 9)}
              </text>
              <text class="value" x={(input.right - input.left) / 2} y={26} text-anchor="middle">
                {decimals(bench.x[selected * counts[0] + node.unit], 2)}
              </text>
            </g>
          ))}
          {biases.map((node) => (
            <g key={`bias${node.layer}`} class="bias" transform={`translate(${node.x} ${node.y})`}>
              <circle r={9} />
              <text y={4} text-anchor="middle">
                1
              </text>
            </g>
          ))}
          {dense.map((layer, place) =>
            nodes[place + 1].map((node) => (
              <Neuron key={`${layer}.${node.unit}`} {...{ bench, frame, layer, node, box, selected }} />
            )),
          )}
          {counts.map(
            (count, column) =>
              count > MOST_UNITS && (
                <text key={column} class="more" x={nodes[column][0].x} y={height - 6} text-anchor="middle">
                  {t('more_units', { count: count - MOST_UNITS })}
                </text>
              ),
          )}
        </svg>
      </div>
      <EdgeLine {...{ edge: current, isEdited, frame, selected, close: () => setEdited(false) }} />
    </section>
  );
}

/** Many connections as few paths: by sign and by how thick they are. */
function bundles(all: { edge: Edge; share: number; ends: number[] }[]) {
  const levels = [0.1, 0.3, 0.6, 1];
  return levels.flatMap((level, k) =>
    [1, -1].map((sign) => {
      const own = all.filter(({ share }) => Math.sign(share || 1) === sign && Math.abs(share) <= level && (k === 0 || Math.abs(share) > levels[k - 1]));
      const path = own.map(({ ends: [x1, y1, x2, y2] }) => `M${x1.toFixed(0)} ${y1.toFixed(0)}L${x2.toFixed(0)} ${y2.toFixed(0)}`).join('');
      return <path key={`${level}${sign}`} class={`bundle ${sign < 0 ? 'minus' : 'plus'}`} d={path} stroke-width={0.6 + 3 * level} />;
    }),
  );
}

/** From a point to a stretch of a line. */
function distance(x: number, y: number, [x1, y1, x2, y2]: number[]): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

/** The formula of one connection, and a field to set its weight. */
function EdgeLine({ edge, isEdited, frame, selected, close }: {
  edge?: Edge;
  isEdited: boolean;
  frame: Frame;
  selected: number;
  close(): void;
}) {
  if (!edge) return null;
  const weight = frame.params[edge.param];
  const input = edge.input(selected);
  const name = t('edge', { from: edge.from.name, to: edge.to.name });
  if (isEdited) {
    return (
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault();
          const field = new FormData(event.target as HTMLFormElement).get('weight');
          setParam(edge.param, typed(String(field)));
          close();
        }}
        onKeyDown={(event) => event.key === 'Escape' && close()}
      >
        <label>
          {name}{' '}
          <input name="weight" inputMode="decimal" defaultValue={String(weight)} ref={(field) => field?.focus()} />
        </label>
        <button>{t('set')}</button>
        <button type="button" onClick={close}>
          {t('cancel')}
        </button>
      </form>
    );
  }
  return (
    <p class="line" title={full(weight)}>
      {name}: w = <b>{decimals(weight)}</b> · {t('flow_of', { row: selected + 1 })}: w · a = {decimals(weight)} ·{' '}
      {decimals(input)} = <b>{decimals(weight * input)}</b>
    </p>
  );
}

function Neuron({ bench, frame, layer, node, box, selected }: {
  bench: Bench;
  frame: Frame;
  layer: number;
  node: Node;
  box: { w: number; h: number };
  selected: number;
}) {
  const info: Layer = bench.layers[layer];
  const shape = activationOf(bench, layer);
  const drawn = curve(shape);
  const { z, a } = frame.layers[layer];
  const n = info.n_outputs;
  const { w, h } = box;
  const boxed = drawn && inBox(drawn, w, h, 5);
  const isFew = bench.n_shown <= MOST_MARKERS;
  const mapped = shape === info.activation ? a : frame.predictions;
  const out = mapped[selected * n + node.unit];
  return (
    <g class="neuron" transform={`translate(${node.x - w / 2} ${node.y - h / 2})`}>
      <rect class="box" width={w} height={h} rx={6} />
      {boxed && <line class="zero" x1={boxed.x(0)} y1={3} x2={boxed.x(0)} y2={h - 3} />}
      {boxed && <path class="curve" d={boxed.path} />}
      {boxed && z && isFew
        ? Array.from({ length: bench.n_shown }, (_, row) => {
            const [x, y] = [boxed.x(z[row * n + node.unit]), boxed.y(mapped[row * n + node.unit])];
            return <Marker key={row} x={x} y={y} kind={classOf(row)} isSelected={row === selected} />;
          })
        : boxed && z && <Density {...{ z, n, unit: node.unit, w, h, rows: bench.n_shown }} />}
      <text class="name" x={4} y={-4}>
        {shortened(node.name, w < 90 ? 4 : 8)}
      </text>
      <text class="value" x={w} y={-4} text-anchor="end">
        {decimals(Math.abs(out) < 5e-4 ? 0 : out, w < 90 ? 2 : 3)}
      </text>
    </g>
  );
}

/** A classifier's single output is drawn behind its sigmoid: what the objective makes of it. */
export function activationOf(bench: Bench, layer: number): string {
  const info = bench.layers[layer];
  const isLast = layer === bench.layers.length - 1;
  return isLast && bench.objective === 'binary_cross_entropy' ? 'sigmoid' : info.activation;
}

/** A square for 1, a circle for 0, a triangle for a third class. */
export function Marker({ x, y, kind, isSelected, r = 3.6 }: {
  x: number;
  y: number;
  kind: number;
  isSelected?: boolean;
  r?: number;
}) {
  const marks = `mark kind${Math.min(kind, 2)} ${isSelected ? 'selected' : ''}`;
  const size = isSelected ? r * 1.5 : r;
  if (kind === 0) return <circle class={marks} cx={x} cy={y} r={size} />;
  if (kind === 1) return <rect class={marks} x={x - size} y={y - size} width={2 * size} height={2 * size} />;
  return <path class={marks} d={`M${x} ${y - size * 1.2}L${x + size * 1.1} ${y + size}L${x - size * 1.1} ${y + size}Z`} />;
}

/** Where the rows lie on z, one line a class. */
function Density({ z, n, unit, w, h, rows }: { z: Float64Array; n: number; unit: number; w: number; h: number; rows: number }) {
  const bins = 20;
  const counts = new Uint16Array(3 * bins);
  for (let row = 0, at = unit; row < rows; row += 1, at += n) {
    const bin = Math.max(0, Math.min(bins - 1, Math.floor((z[at] + 6) * (bins / 12))));
    counts[Math.min(classOf(row), 2) * bins + bin] += 1;
  }
  let most = 1;
  for (const count of counts) if (count > most) most = count;
  const paths = [0, 1, 2].map((kind) => {
    let d = '';
    for (let i = 0; i < bins; i += 1) {
      const count = counts[kind * bins + i];
      if (count) d += `M${Math.round(4 + kind + ((i + 0.5) / bins) * (w - 10))} ${Math.round(h) - 2}v${-Math.max(1, Math.round((count / most) * h * 0.5))}`;
    }
    return d;
  });
  return <g class="density">{paths.map((d, kind) => d && <path key={kind} class={`kind${kind}`} d={d} />)}</g>;
}

/** At most so many characters; what is left out was in the middle, since names of a table often differ at one end only. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}

// P3: where each row stands on a neuron's curve, and how steep the curve is there.

import { useState } from 'preact/hooks';
import { ask } from './core';
import { type Curve, REACH, curve, inBox } from './curves';
import { decimals, full } from './format';
import { unitName } from './layout';
import { MOST_MARKERS, Marker, activationOf } from './network';
import { blocksOf, changed, classOf, denseLayers, SLOWLY, state, useChanges } from './state';
import { t } from './words';

const W = 420;
const H = 250;
/** Half the width of a tangent, as in the tutorial. */
const HALF = 0.5;

export function PositionPanel() {
  const { bench, frame, selected } = useChanges(SLOWLY);
  const [chosen, setChosen] = useState<[number, number]>();
  const [what, setWhat] = useState<number>();
  const [exact, setExact] = useState<{ z: number; a: number; slope: number }>();
  if (!bench || !frame) return null;
  const dense = denseLayers(bench);
  const place = chosen && chosen[0] < dense.length ? chosen[0] : dense.length - 1;
  const layer = dense[place];
  const n = bench.layers[layer].n_outputs;
  const unit = chosen && chosen[1] < n ? chosen[1] : 0;
  const activation = activationOf(bench, layer);
  const drawn = curve(activation);
  const { z: all } = frame.layers[layer];
  if (!drawn || !all) return <section class="panel position" id="position" />;
  const zOf = (row: number) => all[row * n + unit];
  const z = what ?? zOf(selected);
  const [a, slope] = exact?.z === z ? [exact.a, exact.slope] : between(drawn, z);
  if (exact?.z !== z && !state.isTraining) void precise(activation, z).then(setExact);
  const box = inBox(drawn, W, H, 18);
  const rows = bench.n_shown <= MOST_MARKERS ? Array.from({ length: bench.n_shown }, (_, row) => row) : [selected];
  const { weight, bias } = blocksOf(bench, layer);
  const before = place === 0 ? undefined : frame.layers[layer - 1].a;
  const inputs = bench.layers[layer].n_inputs;
  const terms = Array.from({ length: Math.min(inputs, 6) }, (_, i) => {
    const x = before ? before[selected * inputs + i] : bench.x[selected * inputs + i];
    return `${decimals(frame.params[weight!.start + i * n + unit])}·${decimals(x)}`;
  });
  if (inputs > 6) terms.push('…');
  if (bias) terms.push(decimals(frame.params[bias.start + unit]));
  const name = unitName(bench, dense, place, unit);
  const tangent = (at: number, value: number, steep: number) => {
    const points = [at - HALF, at + HALF].map((place) => [place, value + steep * (place - at)]);
    const y = (v: number) => H - 18 - ((v - drawn.low) / (drawn.high - drawn.low || 1)) * (H - 36);
    return <line class="tangent" data-slope={steep} x1={box.x(points[0][0])} y1={y(points[0][1])} x2={box.x(points[1][0])} y2={y(points[1][1])} />;
  };
  const ghost = (at: number, value: number, steep: number) => {
    const y = (v: number) => H - 18 - ((v - drawn.low) / (drawn.high - drawn.low || 1)) * (H - 36);
    return <line class="ghost" x1={box.x(at - HALF)} y1={y(value - steep * HALF)} x2={box.x(at + HALF)} y2={y(value + steep * HALF)} />;
  };
  const drag = (event: PointerEvent) => {
    const area = (event.currentTarget as Element).getBoundingClientRect();
    const share = (((event.clientX - area.left) / area.width) * W - 18) / (W - 36);
    setWhat(Math.max(-REACH, Math.min(REACH, share * 2 * REACH - REACH)));
  };
  return (
    <section class="panel position" id="position" aria-labelledby="position-title">
      <header>
        <h2 id="position-title">{t('position')}</h2>
        <label>
          {t('neuron')}
          <select
            value={`${place}.${unit}`}
            onChange={(event) => {
              const [p, u] = (event.target as HTMLSelectElement).value.split('.').map(Number);
              setChosen([p, u]);
              setWhat(undefined);
            }}
          >
            {dense.flatMap((own, p) =>
              Array.from({ length: Math.min(24, bench.layers[own].n_outputs) }, (_, u) => (
                <option key={`${p}.${u}`} value={`${p}.${u}`}>
                  {unitName(bench, dense, p, u)}
                </option>
              )),
            )}
          </select>
        </label>
      </header>
      <svg
        viewBox={`0 0 ${W} ${H}`}
        class="chart"
        role="slider"
        tabindex={0}
        aria-label={t('position_about', { name })}
        aria-valuemin={-REACH}
        aria-valuemax={REACH}
        aria-valuenow={Math.max(-REACH, Math.min(REACH, Number(z.toFixed(4))))}
        aria-valuetext={`z = ${decimals(z)}`}
        onPointerDown={(event) => {
          (event.currentTarget as Element).setPointerCapture(event.pointerId);
          drag(event);
        }}
        onPointerMove={(event) => event.buttons && drag(event)}
        onKeyDown={(event) => {
          const by = event.key === 'ArrowRight' ? 0.1 : event.key === 'ArrowLeft' ? -0.1 : 0;
          if (event.key === 'Escape') setWhat(undefined);
          if (!by) return;
          event.preventDefault();
          event.stopPropagation();
          setWhat(Math.max(-REACH, Math.min(REACH, z + by)));
        }}
      >
        <line class="axis" x1={18} x2={W - 18} y1={box.y(Math.max(drawn.low, 0))} y2={box.y(Math.max(drawn.low, 0))} />
        <line class="axis" x1={box.x(0)} x2={box.x(0)} y1={10} y2={H - 12} />
        {[-6, -4, -2, 2, 4, 6].map((at) => (
          <text key={at} class="tick" x={box.x(at)} y={H - 2} text-anchor="middle">
            {at < 0 ? `−${-at}` : at}
          </text>
        ))}
        <path class="curve big" d={box.path} />
        {what === undefined &&
          rows.map((row) => {
            const at = zOf(row);
            const [value] = between(drawn, at);
            return <Marker key={row} x={box.x(at)} y={box.y(value)} kind={classOf(row)} isSelected={row === selected} r={5} />;
          })}
        {state.lesson === 'slope' &&
          [-4, 0, 2].map((at) => {
            const [value, steep] = between(drawn, at);
            return (
              <g key={at}>
                <g class="ghosts">{ghost(at, value, steep)}</g>
                <text class="tick" x={box.x(at)} y={box.y(value) - 12} text-anchor="middle">
                  {decimals(steep)}
                </text>
              </g>
            );
          })}
        {tangent(Math.max(-REACH, Math.min(REACH, z)), a, slope)}
        {what !== undefined && <circle class="mark what" cx={box.x(z)} cy={box.y(a)} r={7} />}
        {Math.abs(z) > REACH && (
          <text class="edge" x={z > 0 ? W - 20 : 20} y={30} text-anchor={z > 0 ? 'end' : 'start'}>
            {z > 0 ? `${decimals(z, 2)} →` : `← ${decimals(z, 2)}`}
          </text>
        )}
      </svg>
      <div class="formulas" id="position-numbers" data-slope={slope} data-z={z} data-a={a}>
        {what === undefined ? (
          <p>
            z = {terms.join(' + ')} = <b title={full(z)}>{decimals(z)}</b>
          </p>
        ) : (
          <p>
            {t('what_if')} z = <b>{decimals(z)}</b>{' '}
            <button onClick={() => setWhat(undefined)}>{t('back_to_row', { row: selected + 1 })}</button>
          </p>
        )}
        <p>
          a = f(z) = <b title={full(a)}>{decimals(a)}</b>, {t('slope')} {activation === 'sigmoid' ? 'a·(1 − a)' : 'f′(z)'} ={' '}
          <b title={full(slope)}>{decimals(slope)}</b>
        </p>
      </div>
    </section>
  );
}

async function precise(activation: string, z: number): Promise<{ z: number; a: number; slope: number }> {
  const json = await ask({ do: 'curve', activation, low: z, high: z, n: 2 });
  return { z, a: json.a[0], slope: json.slope[0] };
}

/** A value and a slope between two points of the curve, until the core has said them. */
function between(drawn: Curve, z: number): [number, number] {
  const last = drawn.z.length - 1;
  const at = ((Math.max(-REACH, Math.min(REACH, z)) + REACH) / (2 * REACH)) * last;
  const i = Math.min(last - 1, Math.floor(at));
  const mix = (values: Float64Array) => values[i] + (values[i + 1] - values[i]) * (at - i);
  return [mix(drawn.a), mix(drawn.slope)];
}

export function selectRow(row: number): void {
  const { bench } = state;
  if (!bench) return;
  state.selected = (row + bench.n_shown) % bench.n_shown;
  changed();
}

// P7: the losses over the epochs.

import { useRef, useState } from 'preact/hooks';
import { decimals, grouped } from './format';
import type { Series } from './series';
import { changed, IN_TURN, state, useChanges } from './state';
import { backTo } from './training';
import { type Losses } from './types';
import { t } from './words';

const W = 360;
const H = 210;
const LEFT = 46;
const BOTTOM = 26;

/** One line: of the points that share a column of pixels the lowest and the highest, so that none is lost. */
function line(series: Series, x: (i: number) => number, y: (v: number) => number, from: number, to: number): string {
  const end = Math.min(to, series.length);
  if (end <= from) return '';
  const columns = Math.ceil(x(end) - x(from));
  let path = '';
  const each = Math.max(1, (end - from) / Math.max(1, columns));
  for (let start = from; start < end - 1e-9; start += each) {
    const [a, b] = [Math.floor(start), Math.max(Math.floor(start) + 1, Math.floor(start + each))];
    const [low, high] = series.extent(a, b);
    const at = x(a + 1).toFixed(1);
    path += `${path ? 'L' : 'M'}${at} ${y(low).toFixed(1)}`;
    if (high !== low) path += `L${at} ${y(high).toFixed(1)}`;
    path += `L${at} ${y(series.values[Math.min(b, end) - 1]).toFixed(1)}`;
  }
  return path;
}

function ticks(low: number, high: number, isLog: boolean): number[] {
  if (isLog) {
    const all: number[] = [];
    for (let e = Math.ceil(Math.log10(low)); e <= Math.floor(Math.log10(high)); e += 1) all.push(10 ** e);
    return all.length > 6 ? all.filter((_, i) => i % Math.ceil(all.length / 6) === 0) : all;
  }
  const step = 10 ** Math.floor(Math.log10((high - low) / 2 || 1));
  const nice = [1, 2, 5, 10].map((k) => k * step).find((s) => (high - low) / s <= 5) ?? step * 10;
  const all: number[] = [];
  for (let v = Math.ceil(low / nice) * nice; v <= high + 1e-12; v += nice) all.push(v);
  return all;
}

export function LossPanel() {
  const { losses, pinned, bench, frame } = useChanges(IN_TURN);
  const [isLog, setLog] = useState(false);
  const [cursor, setCursor] = useState<number>();
  const [zoom, setZoom] = useState<[number, number]>();
  const drag = useRef<number>(undefined);
  if (!bench || !frame) return null;
  const n = Math.max(losses.training.length, 1);
  const all = [losses, ...pinned.map((pin) => pin.losses)];
  const length = Math.max(1, ...all.map((one) => one.training.length));
  const [from, to] = zoom ?? [0, length];
  let [low, high] = [Infinity, -Infinity];
  for (const one of all) {
    for (const series of [one.training, one.validation]) {
      const [lowest, highest] = series.extent(from, to);
      low = Math.min(low, lowest);
      high = Math.max(high, highest);
    }
  }
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (isLog) low = Math.max(low, 1e-12);
  else low = Math.min(0, low);
  if (high <= low) high = isLog ? low * 10 : low + 1;
  const x = (epoch: number) => LEFT + ((epoch - from) / Math.max(1, to - from)) * (W - LEFT - 8);
  const scale = (v: number) => (isLog ? Math.log10(Math.max(v, 1e-300)) : v);
  const y = (v: number) => 8 + (1 - (scale(v) - scale(low)) / (scale(high) - scale(low))) * (H - BOTTOM - 8);
  const at = cursor === undefined ? undefined : Math.max(1, Math.min(n, cursor));
  const epochAt = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const share = (((event.clientX - box.left) / box.width) * W - LEFT) / (W - LEFT - 8);
    return Math.round(from + share * (to - from));
  };
  const name = t(`loss_${typeof bench.objective === 'string' ? bench.objective : Object.keys(bench.objective)[0]}`);
  const last = losses.training.values.at(-1);
  const summary = last === undefined
    ? t('loss_none')
    : t('loss_summary', { epochs: grouped(frame.epoch), first: decimals(losses.training.values[0]), last: decimals(last) });
  return (
    <section class="panel loss" id="loss" aria-labelledby="loss-title">
      <header>
        <h2 id="loss-title">{t('loss')}</h2>
        <div class="tools">
          <button aria-pressed={isLog} onClick={() => setLog(!isLog)}>
            {t('logarithmic')}
          </button>
          <button onClick={() => pin()} disabled={!losses.training.length}>
            {t('pin')}
          </button>
          <button onClick={() => listen(losses.training.values)} disabled={losses.training.length < 2}>
            {t('listen')}
          </button>
          {zoom && <button onClick={() => setZoom(undefined)}>{t('whole')}</button>}
        </div>
      </header>
      <svg
        viewBox={`0 0 ${W} ${H}`}
        class="chart"
        role="application"
        tabindex={0}
        aria-label={t('loss_line', { name, summary })}
        onMouseMove={(event) => setCursor(epochAt(event))}
        onMouseLeave={() => setCursor(undefined)}
        onMouseDown={(event) => (drag.current = epochAt(event))}
        onMouseUp={(event) => {
          const [start, end] = [drag.current ?? 0, epochAt(event)].sort((a, b) => a - b);
          if (end - start > Math.max(4, (to - from) / 50)) setZoom([Math.max(0, start), Math.min(length, end)]);
        }}
        onKeyDown={(event) => {
          const step = Math.max(1, Math.round((to - from) / 60));
          const by = event.key === 'ArrowRight' ? step : event.key === 'ArrowLeft' ? -step : 0;
          if (!by) return;
          event.preventDefault();
          event.stopPropagation();
          setCursor(Math.max(1, Math.min(n, (at ?? n) + by)));
        }}
      >
        {ticks(low, high, isLog).map((v) => (
          <g key={v} class="tick">
            <line x1={LEFT} x2={W - 8} y1={y(v)} y2={y(v)} />
            <text x={LEFT - 6} y={y(v) + 4} text-anchor="end">
              {isLog ? decimals(v, 4).replace(/\.?0+$/, '') : String(Number(v.toPrecision(6)))}
            </text>
          </g>
        ))}
        {ticks(from, to, false)
          .filter((v) => Number.isInteger(v))
          .map((v) => (
            <text key={v} class="tick" x={x(v)} y={H - 8} text-anchor={v === from ? 'start' : v > to - (to - from) / 8 ? 'end' : 'middle'}>
              {grouped(v)}
            </text>
          ))}
        <line class="axis" x1={LEFT} x2={W - 8} y1={H - BOTTOM} y2={H - BOTTOM} />
        {pinned.map((pin) => (
          <path key={pin.name} class="series pinned" d={line(pin.losses.training, x, y, from, to)} />
        ))}
        <path class="series training" d={line(losses.training, x, y, from, to)} />
        <path class="series validation" d={line(losses.validation, x, y, from, to)} />
        {at !== undefined && <line class="cursor" x1={x(at)} x2={x(at)} y1={8} y2={H - BOTTOM} />}
      </svg>
      <p class="line" role="status">
        {at !== undefined && losses.training.values[at - 1] !== undefined
          ? t(losses.validation.length ? 'loss_at_both' : 'loss_at', {
              epoch: grouped(at),
              training: decimals(losses.training.values[at - 1], 6),
              validation: decimals(losses.validation.values[at - 1] ?? NaN, 6),
            })
          : t('loss_line', { name, summary })}
      </p>
      <p class="legend">
        <span class="key training">{t('training')}</span>
        {bench.n_validation_rows > 0 && <span class="key validation">{t('validation')}</span>}
        {pinned.map((pin) => (
          <span key={pin.name} class="key pinned">
            {pin.name}{' '}
            <button
              aria-label={t('unpin', { name: pin.name })}
              onClick={() => {
                state.pinned = state.pinned.filter((one) => one !== pin);
                changed();
              }}
            >
              ×
            </button>
          </span>
        ))}
      </p>
      {frame.kept.length > 1 && (
        <label class="wide">
          {t('scrub')}
          <input
            type="range"
            id="scrub"
            min={0}
            max={frame.kept.length - 1}
            value={frame.kept.length - 1}
            onChange={(event) => backTo(frame.kept[Number((event.target as HTMLInputElement).value)])}
          />
        </label>
      )}
    </section>
  );
}

function pin(): void {
  const copy: Losses = { training: state.losses.training.copy(), validation: state.losses.validation.copy() };
  const { recipe, config } = state.settings;
  const name = `${state.pinned.length + 1}: ${(config.hidden_layer_sizes ?? []).join('-') || '–'} ${recipe}`;
  state.pinned = [...state.pinned.slice(-3), { name, losses: copy }];
  changed();
}

/** The loss as a tone: high where it is high. Two seconds. */
function listen(values: number[]): void {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.connect(volume).connect(audio.destination);
  volume.gain.value = 0.08;
  const points = 160;
  const [low, high] = [Math.min(...sampled(values, points)), Math.max(...sampled(values, points))];
  const pitch = (v: number) => 180 * 4 ** ((v - low) / (high - low || 1));
  tone.frequency.setValueAtTime(pitch(values[0]), audio.currentTime);
  sampled(values, points).forEach((value, i) => tone.frequency.linearRampToValueAtTime(pitch(value), audio.currentTime + (i / points) * 2));
  tone.start();
  tone.stop(audio.currentTime + 2);
  tone.onended = () => void audio.close();
}

function sampled(values: number[], points: number): number[] {
  return Array.from({ length: points }, (_, i) => values[Math.floor((i / points) * values.length)]);
}

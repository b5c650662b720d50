// P4: one row, one update, in nine stops.

import { useEffect, useState } from 'preact/hooks';
import { ask } from './core';
import { decimals, full } from './format';
import { unitName } from './layout';
import { selectRow } from './position';
import { attempt, changed, denseLayers, inTurn, SLOWLY, state, useChanges } from './state';
import { stepRow } from './training';
import { type Bench } from './types';
import { t } from './words';

/** The stops, in order. */
export const STOPS = ['input', 'z_hidden', 'h', 'z_out', 'y', 'error', 'delta_out', 'delta_hidden', 'weights'];
const MOST_TERMS = 4;
const MOST_UNITS = 8;

export function StepsPanel() {
  const { bench, frame, selected, isTraining } = useChanges(SLOWLY);
  const [stop, setStop] = useState(0);
  const [trace, setTrace] = useState<any>();
  useEffect(() => {
    if (state.lit !== undefined || stop) light(stop);
  }, [stop]);
  useEffect(() => {
    if (!bench || isTraining) return;
    let isOld = false;
    void attempt(() => inTurn(() => ask({ do: 'trace', row: selected }))).then((found) => {
      if (!isOld && found) setTrace(found);
    });
    return () => void (isOld = true);
  }, [bench, frame?.params, selected, isTraining]);
  // The connections that a stop is about stand out in the network, once somebody is in the steps.
  const light = (at: number | undefined) => {
    const last = bench ? denseLayers(bench).length - 1 : 0;
    const layer = at === undefined ? undefined : [undefined, 0, 0, last, last, undefined, last, 0, undefined][at];
    if (state.lit !== layer) {
      state.lit = layer;
      changed();
    }
  };
  if (!bench || !frame) return null;
  const keys = (event: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowRight: () => setStop(Math.min(STOPS.length - 1, stop + 1)),
      ArrowLeft: () => setStop(Math.max(0, stop - 1)),
      ArrowDown: () => selectRow(selected + 1),
      ArrowUp: () => selectRow(selected - 1),
      Home: () => setStop(0),
    };
    const act = moves[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <section
      class="panel steps"
      id="steps"
      aria-labelledby="steps-title"
      onFocusCapture={() => light(stop)}
      onBlurCapture={() => light(undefined)}
      onMouseEnter={() => light(stop)}
      onMouseLeave={() => light(undefined)}
    >
      <header>
        <h2 id="steps-title">{t('steps')}</h2>
        <div class="tools">
          <button onClick={() => selectRow(selected - 1)} aria-label={t('row_before')}>
            ↑
          </button>
          <span class="now">{t('row_of', { row: selected + 1, all: bench.n_shown })}</span>
          <button onClick={() => selectRow(selected + 1)} aria-label={t('row_after')}>
            ↓
          </button>
        </div>
      </header>
      <p class="hint">{t('steps_about')}</p>
      <ol class="stops" role="listbox" tabindex={0} aria-label={t('steps')} aria-activedescendant={`stop-${stop}`} onKeyDown={keys}>
        {STOPS.map((name, i) => (
          <li key={name} id={`stop-${i}`} role="option" aria-selected={i === stop} class={i === stop ? 'current' : i < stop ? 'done' : ''} onClick={() => setStop(i)}>
            <span>{i + 1}</span> {t(`stop_${name}`)}
          </li>
        ))}
      </ol>
      {trace && !isTraining ? <Stop {...{ bench, trace, stop }} /> : <p class="hint">{t('steps_wait')}</p>}
      <div class="tools">
        <button onClick={() => setStop(Math.max(0, stop - 1))} disabled={stop === 0}>
          ← {t('stop_before')}
        </button>
        <button onClick={() => setStop(Math.min(STOPS.length - 1, stop + 1))} disabled={stop === STOPS.length - 1}>
          {t('stop_after')} →
        </button>
        <button
          class="primary"
          id="take-step"
          disabled={!bench.can_step || isTraining}
          onClick={() => void stepRow(selected).then(() => selectRow(selected + 1))}
        >
          {t('take_step')}
        </button>
      </div>
      {!bench.can_step && <p class="hint">{t('cannot_step')}</p>}
    </section>
  );
}

/** What one stop computes: the formula in symbols, and then in numbers, unit by unit. */
function Stop({ bench, trace, stop }: { bench: Bench; trace: any; stop: number }) {
  const dense = denseLayers(bench);
  const layers = trace.layers;
  const hidden = dense.slice(0, -1);
  const last = dense.at(-1)!;
  const name = STOPS[stop];
  const objective = bench.objective;
  const lines: { name: string; formula: string; value: number }[] = [];
  const add = (what: string, formula: string, value: number) => lines.push({ name: what, formula, value });
  const unit = (place: number, u: number) => unitName(bench, dense, place, u);
  const d = (value: number) => decimals(value);

  function sums(layer: number, place: number) {
    const { x, z, blocks, n_inputs, n_outputs } = layers[layer];
    const [weight, bias] = blocks;
    for (let u = 0; u < Math.min(n_outputs, MOST_UNITS); u += 1) {
      const terms = Array.from({ length: Math.min(n_inputs, MOST_TERMS) }, (_, i) => `${d(weight.values[i * n_outputs + u])}·${d(x[i])}`);
      if (n_inputs > MOST_TERMS) terms.push('…');
      if (bias) terms.push(d(bias.values[u]));
      add(`z(${unit(place, u)})`, terms.join(' + '), z[u]);
    }
  }
  function outputsOf(layer: number, place: number) {
    const { z, a, n_outputs, activation } = layers[layer];
    for (let u = 0; u < Math.min(n_outputs, MOST_UNITS); u += 1) add(unit(place, u), `${t(`short_${activation}`)}(${d(z[u])})`, a[u]);
  }
  function deltas(layer: number, place: number) {
    const { error, slope, delta, n_outputs } = layers[layer];
    for (let u = 0; u < Math.min(n_outputs, MOST_UNITS); u += 1) {
      add(`δ(${unit(place, u)})`, `${d(-error[u])} · ${d(slope[u])}`, -delta[u]);
    }
  }

  if (name === 'input') layers[0].x.slice(0, 12).forEach((value: number, i: number) => add(bench.input_names[i], 'x', value));
  if (name === 'z_hidden') hidden.forEach((layer, place) => sums(layer, place));
  if (name === 'h') hidden.forEach((layer, place) => outputsOf(layer, place));
  if (name === 'z_out') sums(last, dense.length - 1);
  if (name === 'y') {
    if (objective === 'squared_error') outputsOf(last, dense.length - 1);
    else trace.predictions.slice(0, MOST_UNITS).forEach((value: number, u: number) => add(unit(dense.length - 1, u), `${t(`map_${objective}`)}(${d(layers[last].a[u])})`, value));
  }
  if (name === 'error') {
    const { error, a, n_outputs } = layers[last];
    for (let u = 0; u < Math.min(n_outputs, MOST_UNITS); u += 1) {
      const prediction = objective === 'squared_error' ? a[u] : trace.predictions[u];
      add(`e(${unit(dense.length - 1, u)})`, `${d(prediction - error[u])} − ${d(prediction)}`, -error[u]);
    }
  }
  if (name === 'delta_out') deltas(last, dense.length - 1);
  if (name === 'delta_hidden') [...hidden].reverse().forEach((layer) => deltas(layer, hidden.indexOf(layer)));
  if (name === 'weights') {
    for (const layer of [...dense].reverse()) {
      for (const block of layers[layer].blocks) {
        const count = Math.min(block.values.length, MOST_UNITS);
        for (let i = 0; i < count; i += 1) {
          add(`${block.name.split('.').slice(1).join('.')}[${i}]`, `${d(block.values[i])} ${block.update[i] < 0 ? '−' : '+'} ${d(Math.abs(block.update[i]))}`, block.after[i]);
        }
      }
    }
  }
  return (
    <div class="stop" id="stop" data-stop={name}>
      <p class="formula">{t(`formula_${name}`)}</p>
      <p class="hint">{t(`about_${name}`)}</p>
      {lines.length ? (
        <div class="scroll tall" tabindex={0} role="region" aria-label={t(`stop_${name}`)}>
          <table class="numbers">
            <tbody>
              {lines.map((line) => (
                <tr key={line.name}>
                  <th scope="row">{line.name}</th>
                  <td class="formula">{line.formula}</td>
                  <td>
                    = <b title={full(line.value)}>{d(line.value)}</b>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p>{t('no_hidden_layer')}</p>
      )}
    </div>
  );
}

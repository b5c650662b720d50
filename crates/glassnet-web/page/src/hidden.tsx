// P5: the hidden table.

import { useState } from 'preact/hooks';
import { ask } from './core';
import { replaceCells } from './data';
import { decimals, full, percent } from './format';
import { unitName } from './layout';
import { attempt, cellsOf, changed, classOf, denseLayers, inTurn, SLOWLY, state, targetOf, useChanges } from './state';
import { t } from './words';

/** Rows whose cells can be changed, and that are listed. */
const MOST_EDITED = 64;
const MOST_FOLLOWED = 16;

interface Relation {
  class: number;
  threshold: number;
  is_above: boolean;
  n_right: number;
  n_rows: number;
  on: number[];
}

/** P5: rows, inputs, what every hidden unit makes of them, and what each row pulls at. */
export function HiddenPanel() {
  const { bench, frame, selected, table } = useChanges(SLOWLY);
  const [relations, setRelations] = useState<{ names: string[]; list: (Relation | null)[]; epoch: number }>();
  const [sorted, setSorted] = useState<number>();
  const [axes, setAxes] = useState<[number, number]>([0, 1]);
  if (!bench || !frame || !table) return null;
  const dense = denseLayers(bench);
  const hidden = dense.slice(0, -1);
  const last = dense.at(-1)!;
  const n = bench.n_shown;
  const units = hidden.flatMap((layer, place) =>
    Array.from({ length: bench.layers[layer].n_outputs }, (_, unit) => ({
      name: unitName(bench, dense, place, unit),
      value: (row: number) => frame.layers[layer].a[row * bench.layers[layer].n_outputs + unit],
    })),
  );
  const shownUnits = units.slice(0, 24);
  const outputs = bench.layers[last].n_outputs;
  const inputs = bench.input_names.slice(0, 12);
  // While it trains, as many as can be followed.
  const order = Array.from({ length: Math.min(n, state.isTraining ? MOST_FOLLOWED : MOST_EDITED) }, (_, row) => row);
  if (sorted !== undefined) {
    const value = sorted < 0 ? (row: number) => frame.predictions[row * outputs] : shownUnits[sorted]?.value;
    if (value) order.sort((one, other) => value(other) - value(one));
  }
  const isEditable = !state.isTraining && table.n_rows <= MOST_EDITED;
  const find = () =>
    void attempt(() =>
      inTurn(async () => {
        const all = { names: [] as string[], list: [] as (Relation | null)[], epoch: frame.epoch };
        for (const [place, layer] of hidden.entries()) {
          const { relations: found } = await ask({ do: 'relations', layer });
          (found as (Relation | null)[]).forEach((relation, unit) => {
            all.names.push(unitName(bench, dense, place, unit));
            all.list.push(relation);
          });
        }
        setRelations(all);
      }),
    );
  const rowName = (row: number) => {
    const at = bench.training_rows[row];
    return `(${table.columns.filter((column) => column.role === 'input').map((column) => cellsOf(column.name)[at]).join(', ')})`;
  };
  const sentence = (name: string, relation: Relation | null) => {
    if (!relation) return t('relation_none', { name });
    const onRows = relation.on.length <= 4 && n <= 16 ? relation.on.map(rowName).join(' ') : t('n_rows', { count: relation.on.length });
    const classes = bench.classes.length ? bench.classes : ['0', '1'];
    return t(relation.is_above ? 'relation_on' : 'relation_off', {
      name,
      rows: onRows || t('no_row'),
      threshold: decimals(relation.threshold, 3),
      class: classes[relation.class] ?? relation.class,
      right: relation.n_right,
      all: relation.n_rows,
    });
  };
  return (
    <section class="panel table" id="table" aria-labelledby="table-title">
      <header>
        <h2 id="table-title">{t('hidden_table')}</h2>
        <div class="tools">
          {units.length > 0 && <button onClick={find}>{t('find_relation')}</button>}
        </div>
      </header>
      <p class="hint">{t(units.length ? 'hidden_table_about' : 'hidden_table_none')}</p>
      <div class="sides">
      <div class="scroll tall" tabindex={0} role="region" aria-label={t('hidden_table')}>
        <table class="numbers">
          <thead>
            <tr>
              <th>{t('row')}</th>
              {inputs.map((name) => (
                <th key={name}>{name}</th>
              ))}
              {shownUnits.map((unit, i) => (
                <th key={unit.name} aria-sort={sorted === i ? 'descending' : 'none'}>
                  <button onClick={() => setSorted(sorted === i ? undefined : i)}>{unit.name}</button>
                </th>
              ))}
              <th aria-sort={sorted === -1 ? 'descending' : 'none'}>
                <button onClick={() => setSorted(sorted === -1 ? undefined : -1)}>{t('prediction')}</button>
              </th>
              <th>{t('target')}</th>
              {outputs === 1 && frame.pulls && <th>{t('pull')}</th>}
            </tr>
          </thead>
          <tbody>
            {order.map((row) => (
              <tr key={row} class={row === selected ? 'selected' : ''} aria-selected={row === selected}>
                <th scope="row">
                  <button
                    aria-label={t('select_row', { row: row + 1 })}
                    onClick={() => {
                      state.selected = row;
                      changed();
                    }}
                  >
                    {bench.training_rows[row] + 1}
                  </button>
                </th>
                {inputs.map((name, i) => (
                  <td key={name} title={full(bench.x[row * bench.input_names.length + i])}>
                    {decimals(bench.x[row * bench.input_names.length + i], 3)}
                  </td>
                ))}
                {shownUnits.map((unit) => (
                  <Shaded key={unit.name} value={unit.value(row)} />
                ))}
                {outputs === 1 ? (
                  <Shaded value={frame.predictions[row]} />
                ) : (
                  <td>{bestClass(row, outputs)}</td>
                )}
                <td>
                  {isEditable ? (
                    <input
                      class="cell"
                      aria-label={t('target_of_row', { row: row + 1 })}
                      value={targetOf(row)}
                      onChange={(event) => {
                        const at = table.columns.findIndex((column) => column.name === bench.target);
                        const cells = table.cells.map((column) => [...column]);
                        cells[at][bench.training_rows[row]] = (event.target as HTMLInputElement).value;
                        replaceCells(cells);
                      }}
                    />
                  ) : (
                    <span class={`tag kind${classOf(row)}`}>{targetOf(row)}</span>
                  )}
                </td>
                {outputs === 1 && frame.pulls && (
                  <td title={full(frame.pulls[row])}>
                    {frame.pulls[row] < 0 ? '↓' : '↑'} {decimals(Math.abs(frame.pulls[row]))}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {units.length >= 2 && hidden.length === 1 && <HiddenPlane {...{ units, axes, setAxes }} />}
      </div>
      {n > MOST_EDITED && <p class="hint">{t('rows_listed', { shown: MOST_EDITED, all: bench.n_training_rows })}</p>}
      {relations && (
        <div class="relations" role="status">
          <p>{t('relations_at', { epoch: relations.epoch })}</p>
          <ul id="relations">
            {relations.list.slice(0, 24).map((relation, i) => (
              <li key={relations.names[i]}>{sentence(relations.names[i], relation)}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );

  function bestClass(row: number, count: number): string {
    const values = [...frame!.predictions.subarray(row * count, (row + 1) * count)];
    const best = values.indexOf(Math.max(...values));
    return `${bench!.classes[best] ?? best} ${percent(values[best])}`;
  }
}

function Shaded({ value }: { value: number }) {
  const strength = Math.min(1, Math.abs(value));
  return (
    <td class={value < 0 ? 'shade minus' : 'shade plus'} style={{ '--strength': `${Math.round(strength * 55)}%` }} title={full(value)}>
      {decimals(value)}
    </td>
  );
}

/** Two hidden units against each other: where the output's line now parts the rows. */
function HiddenPlane({ units, axes, setAxes }: {
  units: { name: string; value(row: number): number }[];
  axes: [number, number];
  setAxes(axes: [number, number]): void;
}) {
  const { bench, frame, selected } = state;
  const dense = denseLayers(bench!);
  const out = dense.at(-1)!;
  const size = 220;
  const rows = Array.from({ length: bench!.n_shown }, (_, row) => row);
  const [one, other] = axes.map((axis) => units[Math.min(axis, units.length - 1)]);
  const all = rows.flatMap((row) => [one.value(row), other.value(row)]);
  const [low, high] = [Math.min(0, ...all), Math.max(1, ...all)];
  const at = (value: number) => 12 + ((value - low) / (high - low)) * (size - 24);
  const weight = bench!.blocks.find((block) => block.name === `layers.${out}.weight`);
  const bias = bench!.blocks.find((block) => block.name === `layers.${out}.bias`);
  let line = '';
  if (units.length === 2 && weight && bench!.layers[out].n_outputs === 1) {
    // w₁·h₁ + w₂·h₂ + b = 0, through the square.
    const [w1, w2] = [frame!.params[weight.start], frame!.params[weight.start + 1]];
    const b = bias ? frame!.params[bias.start] : 0;
    const points: [number, number][] = [];
    for (const edge of [low, high]) {
      const y = -(w1 * edge + b) / w2;
      const x = -(w2 * edge + b) / w1;
      if (y >= low && y <= high) points.push([edge, y]);
      if (x >= low && x <= high) points.push([x, edge]);
    }
    if (points.length >= 2) {
      const [p, q] = points;
      line = `M${at(p[0])} ${size - at(p[1])}L${at(q[0])} ${size - at(q[1])}`;
    }
  }
  const kinds = (row: number) => Math.min(classOf(row), 2);
  return (
    <figure class="plane">
      <figcaption>{t(units.length === 2 ? 'hidden_plane' : 'hidden_plane_chosen')}</figcaption>
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t('hidden_plane_about', { x: one.name, y: other.name })}>
        <rect class="frame" x={12} y={12} width={size - 24} height={size - 24} />
        {line && <path class="contour" d={line} />}
        {rows.map((row) => {
          const [x, y] = [at(one.value(row)), size - at(other.value(row))];
          const r = row === selected ? 6 : 4;
          return kinds(row) === 1 ? (
            <rect key={row} class="mark kind1" x={x - r} y={y - r} width={2 * r} height={2 * r} />
          ) : (
            <circle key={row} class={`mark kind${kinds(row)}`} cx={x} cy={y} r={r} />
          );
        })}
      </svg>
      <div class="fields">
        {([0, 1] as const).map((k) => (
          <label key={k}>
            {k === 0 ? t('across') : t('up')}
            <select value={axes[k]} onChange={(event) => setAxes(k === 0 ? [Number((event.target as HTMLSelectElement).value), axes[1]] : [axes[0], Number((event.target as HTMLSelectElement).value)])}>
              {units.map((unit, i) => (
                <option key={unit.name} value={i}>
                  {unit.name}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
    </figure>
  );
}

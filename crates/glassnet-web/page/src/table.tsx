// P2: the data, and P5: the hidden table.

import { useRef, useState } from 'preact/hooks';
import { ask } from './core';
import { decimals, full, percent } from './format';
import { unitName } from './network';
import { PRESETS, ownSettings, presetSettings } from './settings';
import { SLOWLY, attempt, cellsOf, changed, classOf, denseLayers, inTurn, openModel, openTable, setSettings, state, targetOf, useChanges } from './state';
import { t } from './words';

/** Rows whose cells can be changed, and that are listed. */
const MOST_EDITED = 64;
const MOST_FOLLOWED = 16;
const FEATURES = ['x1', 'x2', 'x1_squared', 'x2_squared', 'x1_x2', 'sin_x1', 'sin_x2'];

/** The open table as text, for a change of it. */
export function tableText(cells: string[][], names: string[]): string {
  const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell);
  const lines = [names.map(quoted).join(',')];
  for (let row = 0; row < (cells[0]?.length ?? 0); row += 1) {
    lines.push(cells.map((column) => quoted(column[row])).join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** Puts a table with other cells in place of the open one, under the same settings. */
function replace(cells: string[][]): void {
  const { table, settings } = state;
  const text = tableText(cells, table!.columns.map((column) => column.name));
  void setSettings({ ...settings, source: { text, name: table!.name } });
}

/** Adds a point with a class to a table of two columns of numbers. */
export function addPoint([x, y]: [number, number], target: string): void {
  const { table, axes } = state;
  if (!table || !axes) return;
  const values: Record<string, string> = { [axes.columns[0]]: x.toFixed(2), [axes.columns[1]]: y.toFixed(2), [table.target]: target };
  replace(table.columns.map((column, i) => [...table.cells[i], values[column.name] ?? '']));
}

async function readFile(file: File): Promise<void> {
  if (file.size > 20_000_000) {
    state.error = { code: 'too_large', message: t('file_too_large', { name: file.name }) };
    changed();
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  // A model file begins with the length of its description, and a brace.
  if (bytes.length > 9 && bytes[8] === 0x7b) await openModel(file.name, bytes);
  else await setSettings(ownSettings(file.name, new TextDecoder().decode(bytes)));
}

export function dropped(event: DragEvent): void {
  const file = event.dataTransfer?.files[0];
  if (!file) return;
  event.preventDefault();
  void readFile(file);
}

export function DataPanel() {
  const { table, settings, bench } = useChanges(SLOWLY);
  const [pasted, setPasted] = useState('');
  const [isPasting, setPasting] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const { source } = settings;
  const isCloud = source.columns !== undefined && source.preset !== 'blank';
  const set = (more: object) => {
    state.settings = { ...settings, source: { ...source, ...more } };
    void openTable();
  };
  return (
    <section class="panel data" id="data" aria-labelledby="data-title">
      <header>
        <h2 id="data-title">{t('data')}</h2>
      </header>
      <label class="wide">
        {t('table')}
        <select
          value={source.preset ?? 'own'}
          onChange={(event) => {
            const { value } = event.target as HTMLSelectElement;
            if (value !== 'own') void setSettings(presetSettings(value));
          }}
        >
          {PRESETS.map((preset) => (
            <option key={preset} value={preset}>
              {t(`preset_${preset}`)}
            </option>
          ))}
          {!source.preset && <option value="own">{table?.name ?? t('own_table')}</option>}
        </select>
      </label>
      <div class="tools">
        <button onClick={() => file.current?.click()}>{t('open_file')}</button>
        <button id="paste-button" aria-expanded={isPasting} onClick={() => setPasting(!isPasting)}>
          {t('paste')}
        </button>
        <input
          ref={file}
          type="file"
          class="hidden"
          id="file"
          aria-label={t('open_file')}
          tabindex={-1}
          accept=".csv,.tsv,.txt,.safetensors"
          onChange={(event) => {
            const input = event.target as HTMLInputElement;
            if (input.files?.[0]) void readFile(input.files[0]);
            input.value = '';
          }}
        />
      </div>
      {isPasting && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setPasting(false);
            void setSettings(ownSettings(t('pasted_table'), pasted));
          }}
        >
          <textarea id="paste" rows={6} value={pasted} aria-label={t('paste_about')} placeholder={'height,weight,kind\n1.2,3.4,a'} onInput={(event) => setPasted((event.target as HTMLTextAreaElement).value)} />
          <button id="use-table">{t('use_table')}</button>
        </form>
      )}
      <p class="hint">{t('limits')}</p>
      {isCloud && (
        <div class="fields">
          <Slider name={t('noise')} low={0} high={0.5} step={0.05} value={source.noise ?? 0} set={(noise) => set({ noise })} />
          <Slider name={t('rows')} low={20} high={1000} step={20} value={source.n_rows ?? 200} set={(n_rows) => set({ n_rows })} />
          <label>
            {t('data_seed')}
            <input type="number" min={0} value={source.seed ?? 0} onChange={(event) => set({ seed: Number((event.target as HTMLInputElement).value) })} />
          </label>
          <fieldset>
            <legend>{t('columns')}</legend>
            {FEATURES.map((feature) => (
              <label key={feature} class="check">
                <input
                  type="checkbox"
                  checked={source.columns!.includes(feature)}
                  onChange={() => {
                    const columns = FEATURES.filter((name) => source.columns!.includes(name) !== (name === feature));
                    if (columns.length) {
                      state.settings = { ...settings, source: { ...source, columns }, options: { ...settings.options, number: columns } };
                      void openTable();
                    }
                  }}
                />
                {t(`feature_${feature}`)}
              </label>
            ))}
          </fieldset>
        </div>
      )}
      {table && <Columns />}
      {bench && <p class="hint">{t('split', { training: bench.n_training_rows, validation: bench.n_validation_rows })}</p>}
      {table?.notes.map((note) => (
        <p class="hint" key={note} lang="en">
          {note}
        </p>
      ))}
    </section>
  );
}

export function Slider({ name, low, high, step, value, set }: {
  name: string;
  low: number;
  high: number;
  step: number;
  value: number;
  set(value: number): void;
}) {
  return (
    <label>
      <span>
        {name} <output>{decimals(value, step < 0.01 ? 3 : step < 1 ? 2 : 0)}</output>
      </span>
      <input type="range" min={low} max={high} step={step} value={value} onChange={(event) => set(Number((event.target as HTMLInputElement).value))} />
    </label>
  );
}

/** What each column is, with a choice of the target. */
function Columns() {
  const { table, settings } = state;
  const target = (name: string) => {
    state.settings = { ...settings, options: { ...settings.options, target: name, task: undefined } };
    void openTable();
  };
  return (
    <details class="columns" open={!settings.source.preset}>
      <summary>{t('columns_of', { rows: table!.n_rows, columns: table!.columns.length })}</summary>
      <div class="scroll" tabindex={0} role="region" aria-label={t('columns')}>
        <table>
          <thead>
            <tr>
              <th>{t('column')}</th>
              <th>{t('kind')}</th>
              <th>{t('used_as')}</th>
              <th>{t('goes_in_as')}</th>
            </tr>
          </thead>
          <tbody>
            {table!.columns.map((column) => (
              <tr key={column.name}>
                <th scope="row">{column.name}</th>
                <td>{t(`kind_${column.kind}`)}</td>
                <td>
                  <select
                    aria-label={t('role_of', { name: column.name })}
                    value={column.role}
                    onChange={(event) => {
                      const { value } = event.target as HTMLSelectElement;
                      const drop = (settings.options.drop ?? []).filter((name) => name !== column.name);
                      if (value === 'target') target(column.name);
                      else {
                        const options = { ...settings.options, drop: value === 'ignored' ? [...drop, column.name] : drop };
                        state.settings = { ...settings, options };
                        void openTable();
                      }
                    }}
                  >
                    {['input', 'target', 'ignored'].map((role) => (
                      <option key={role} value={role}>
                        {t(`role_${role}`)}
                      </option>
                    ))}
                  </select>
                </td>
                <td>{encodingOf(column.name)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** How a column goes into the network: numbers as (v − mean) / deviation, categories as an input a level. */
function encodingOf(name: string): string {
  const encoding = state.bench?.columns.find((column) => column.name === name)?.encoding;
  if (!encoding) return '';
  if (encoding === 'boolean') return '±1';
  if (encoding.category) return t('one_input_each', { count: encoding.category.levels?.length ?? '' });
  const { mean, standard_deviation: deviation } = encoding.number ?? {};
  if (mean === undefined) return '';
  return mean === 0 && deviation === 1 ? t('as_it_is') : `(v − ${decimals(mean, 3)}) / ${decimals(deviation, 3)}`;
}

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
                        replace(cells);
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

// P2: the data.

import { useRef, useState } from 'preact/hooks';
import { openText } from './encodings';
import { sentence } from './errors';
import { decimals } from './format';
import { Sentence } from './markdown';
import { Preview } from './preview';
import { ownSettings, PRESETS, presetSettings } from './settings';
import { Slider } from './slider';
import { changed, state, useChanges } from './state';
import { openModel, openTable, preview, setSettings } from './training';
import { language, t } from './words';

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
export function replaceCells(cells: string[][]): void {
  const { table, settings } = state;
  const text = tableText(cells, table!.columns.map((column) => column.name));
  void setSettings({ ...settings, source: { text, name: table!.name } });
}

/** Adds a point with a class to a table of two columns of numbers. */
export function addPoint([x, y]: [number, number], target: string): void {
  const { table, axes } = state;
  if (!table || !axes) return;
  const values: Record<string, string> = { [axes.columns[0]]: x.toFixed(2), [axes.columns[1]]: y.toFixed(2), [table.target]: target };
  replaceCells(table.columns.map((column, i) => [...table.cells[i], values[column.name] ?? '']));
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
  else await openText(file.name, bytes);
}

export function dropped(event: DragEvent): void {
  const file = event.dataTransfer?.files[0];
  if (!file) return;
  event.preventDefault();
  void readFile(file);
}

export function DataPanel() {
  const { table, settings, bench } = useChanges(0, () => [state.table, state.settings, state.bench, state.preview, language()]);
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
            void preview(ownSettings(t('pasted_table'), pasted));
          }}
        >
          <textarea id="paste" rows={6} value={pasted} aria-label={t('paste_about')} placeholder={'height,weight,kind\n1.2,3.4,a'} onInput={(event) => setPasted((event.target as HTMLTextAreaElement).value)} />
          <button id="use-table">{t('look_at_table')}</button>
        </form>
      )}
      <Preview />
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
        <p class="hint" key={note.message} lang={sentence(note).lang}>
          <Sentence text={sentence(note).text} />
        </p>
      ))}
    </section>
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
              <th>
                {t('kind')}
                <small>{t('goes_in_as')}</small>
              </th>
              <th>{t('used_as')}</th>
            </tr>
          </thead>
          <tbody>
            {table!.columns.map((column) => (
              <tr key={column.name}>
                <th scope="row">{parted(column.name)}</th>
                <td>
                  {t(`kind_${column.kind}`)}
                  <small>{encodingOf(column.name)}</small>
                </td>
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
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** A name that may go on in the next line after a low line. */
function parted(name: string) {
  return name.split(/(?<=_)/).flatMap((part, i) => (i ? [<wbr key={i} />, part] : [part]));
}

/** How a column goes into the network: numbers as (v − mean) / deviation, categories as an input a level. */
function encodingOf(name: string): string {
  const encoding = state.bench?.columns.find((column) => column.name === name)?.encoding;
  if (!encoding) return '';
  if (encoding === 'boolean') return '±1';
  if (encoding.category) return t('one_input_each', { count: encoding.category.levels.names.length });
  const { mean, standard_deviation: deviation } = encoding.number ?? {};
  if (mean === undefined) return '';
  return mean === 0 && deviation === 1 ? t('as_it_is') : `(v\u00a0${mean < 0 ? '+' : '−'}\u00a0${decimals(Math.abs(mean), 3)}) /\u00a0${decimals(deviation, 3)}`;
}

// P2: a table of one's own, looked at before it takes the place of the open one.

import { sentence } from './errors';
import { Sentence } from './markdown';
import { changed, state, useChanges } from './state';
import { preview, setSettings } from './training';
import { t } from './words';

const MOST_ROWS = 5;
const USABLE = ['number', 'category', 'boolean'];

export function Preview() {
  const { preview: shown } = useChanges();
  if (!shown) return null;
  const { table, settings } = shown;
  const rows = (table.cells[0] ?? []).slice(0, MOST_ROWS).map((_, row) => table.cells.map((column) => column[row]));
  const close = () => {
    state.preview = undefined;
    changed();
  };
  return (
    <form
      id="preview"
      aria-label={t('preview_of', { name: table.name })}
      onSubmit={(event) => {
        event.preventDefault();
        void setSettings(settings);
      }}
    >
      <p>
        <strong>{table.name}</strong>: {t('columns_of', { rows: table.n_rows, columns: table.columns.length })}
      </p>
      <div class="scroll" tabindex={0} role="region" aria-label={t('preview_of', { name: table.name })}>
        <table>
          <thead>
            <tr>
              {table.columns.map(({ name, kind }) => (
                <th key={name}>
                  {name}
                  <br />
                  <small>{t(`kind_${kind}`)}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              <tr key={row}>
                {cells.map((cell, column) => (
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <label>
        {t('target')}
        <select
          value={table.target}
          onChange={(event) => {
            const target = (event.target as HTMLSelectElement).value;
            void preview({ ...settings, options: { ...settings.options, target } });
          }}
        >
          {table.columns
            .filter(({ kind, name }) => USABLE.includes(kind) || name === table.target)
            .map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      </label>
      {table.notes.map((note) => (
        <p class="hint" key={note.message} lang={sentence(note).lang}>
          <Sentence text={sentence(note).text} />
        </p>
      ))}
      <div class="tools">
        <button id="use-preview">{t('use_table')}</button>
        <button type="button" id="close-preview" onClick={close}>
          {t('cancel')}
        </button>
      </div>
    </form>
  );
}

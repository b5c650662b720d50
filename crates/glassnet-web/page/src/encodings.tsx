// P2: files whose text is not in UTF-8.

import { changed, state, useChanges } from './state';
import { ownSettings } from './settings';
import { preview } from './training';
import { t } from './words';

/** What tables are most often in, as the browser calls it. */
const ENCODINGS = ['big5', 'gb18030', 'shift_jis', 'euc-kr', 'windows-1252', 'windows-1250', 'windows-1251'];

/** Text as the command reads it: in UTF-16 where its mark says so, else in the encoding. */
function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  const mark = (bytes[0] << 8) | bytes[1];
  const marked = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : encoding;
  try {
    return new TextDecoder(marked, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Shows what a file would be as a table, or asks what its text is in. */
export async function openText(name: string, bytes: Uint8Array, encoding = 'utf-8'): Promise<void> {
  const text = decoded(bytes, encoding);
  state.undecoded = text === undefined ? { name, bytes } : undefined;
  if (text !== undefined) return preview(ownSettings(name, text));
  state.error = { code: 'not_text', message: t('not_text', { name, encoding: encoding === 'utf-8' ? 'UTF-8' : encoding }) };
  changed();
}

export function Undecoded() {
  const { undecoded, error } = useChanges();
  if (!undecoded || error?.code !== 'not_text') return null;
  const { name, bytes } = undecoded;
  return (
    <label class="wide alert" id="encoding">
      {t('text_is_in', { name })}
      <select value="" onChange={(event) => void openText(name, bytes, (event.target as HTMLSelectElement).value)}>
        <option value="" disabled>
          {t('choose')}
        </option>
        {ENCODINGS.map((encoding) => (
          <option key={encoding} value={encoding}>
            {t(`encoding_${encoding.replace('-', '_')}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

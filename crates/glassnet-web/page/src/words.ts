// The page's words, in each language.

import en from '../words/en.json';
import zhHant from '../words/zh-Hant.json';

export const LANGUAGES = { en: 'English', 'zh-Hant': '繁體中文' } as const;
export type Language = keyof typeof LANGUAGES;

const WORDS: Record<Language, Record<string, string>> = { en, 'zh-Hant': zhHant };
let current: Language = 'en';

export function setLanguage(language: Language): void {
  current = language;
  document.documentElement.lang = language;
}

export function language(): Language {
  return current;
}

/** The words for a key, with `{name}` replaced. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  return filled(WORDS[current][key] ?? WORDS.en[key] ?? key, values);
}

/** A text with `{name}` replaced. */
export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (all, name) => String(values[name] ?? all));
}

/** Whether there are words for a key. */
export function has(key: string): boolean {
  return key in WORDS[current];
}

/** The language asked for in the address, or chosen before, or the browser's. */
export function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? stored('language') ?? navigator.language;
  return asked.toLowerCase().startsWith('zh') ? 'zh-Hant' : 'en';
}

/** What was kept, where the browser keeps anything. */
export function stored(key: string): string | null {
  try {
    return localStorage.getItem(`glassnet.${key}`);
  } catch {
    return null;
  }
}

export function store(key: string, value: string): void {
  try {
    localStorage.setItem(`glassnet.${key}`, value);
  } catch {
    // Then it is asked again.
  }
}

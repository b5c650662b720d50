// The little Markdown that the lessons use: paragraphs, lists, quotations, code, and within them emphasis, code and links.

import type { ComponentChildren } from 'preact';

export function Markdown({ text }: { text: string }) {
  const blocks: ComponentChildren[] = [];
  const lines = text.split('\n');
  let i = 0;
  const gather = (is: (line: string) => boolean) => {
    const start = i;
    while (i < lines.length && is(lines[i])) i += 1;
    return lines.slice(start, i);
  };
  while (i < lines.length) {
    const line = lines[i];
    if (!line.trim()) i += 1;
    else if (line.startsWith('```')) {
      i += 1;
      const code = gather((own) => !own.startsWith('```'));
      i += 1;
      blocks.push(
        <pre tabindex={0}>
          <code>{code.join('\n')}</code>
        </pre>,
      );
    } else if (line.startsWith('>')) {
      const quoted = gather((own) => own.startsWith('>')).map((own) => own.replace(/^> ?/, ''));
      blocks.push(
        <blockquote>
          <Markdown text={quoted.join('\n')} />
        </blockquote>,
      );
    } else if (/^(-|\d+\.) /.test(line)) {
      const isOrdered = !line.startsWith('-');
      const items = gather((own) => /^(-|\d+\.) |^  /.test(own)).reduce<string[]>((all, own) => {
        if (own.startsWith('  ')) all[all.length - 1] += ` ${own.trim()}`;
        else all.push(own.replace(/^(-|\d+\.) /, ''));
        return all;
      }, []);
      const list = items.map((item, k) => <li key={k}>{inline(item)}</li>);
      blocks.push(isOrdered ? <ol>{list}</ol> : <ul>{list}</ul>);
    } else {
      const paragraph = gather((own) => !!own.trim() && !/^(```|>|- |\d+\. )/.test(own));
      blocks.push(<p>{inline(paragraph.join(' '))}</p>);
    }
  }
  return <>{blocks}</>;
}

const MARKS = /(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*|\[[^\]]+\]\([^)]+\))/;

function inline(text: string): ComponentChildren[] {
  return text.split(MARKS).map((part, i) => {
    if (i % 2 === 0) return part;
    if (part.startsWith('`')) return <code key={i}>{part.slice(1, -1)}</code>;
    if (part.startsWith('**')) return <strong key={i}>{inline(part.slice(2, -2))}</strong>;
    if (part.startsWith('*')) return <em key={i}>{inline(part.slice(1, -1))}</em>;
    const [, words] = /^\[([^\]]+)\]/.exec(part)!;
    return <span key={i}>{words}</span>;
  });
}

/** A sentence of the core: names in it stand between backticks. */
export function Sentence({ text }: { text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part))}</>;
}

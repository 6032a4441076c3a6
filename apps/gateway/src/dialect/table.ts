import type { Dialect } from './dialect';
import type { OperationInfo } from './operation';

const BEGIN = '<!-- operations: made from the rows -->';
const END = '<!-- end of operations -->';

/** The page of a dialect with its table of operations regenerated. */
export function withTable(page: string, dialect: Dialect): string {
  const [before, rest] = split(page, BEGIN);
  const [, after] = split(rest, END);
  return [before, BEGIN, '\n\n', table(dialect), '\n\n', END, after].join('');
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`The page has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

/** As Prettier writes it: each column as wide as its longest cell. */
function table({ operations }: Dialect): string {
  const rows = [['path', 'source', 'fields', 'largest body', 'answer', 'does'], ...operations.map(cells)];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]!))));
  const padded = (cell: string, column: number) => cell + ' '.repeat(widths[column]! - widthOf(cell));
  const line = (row: readonly string[]) => `| ${row.map(padded).join(' | ')} |`;
  const [head, ...others] = rows.map(line);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...others].join('\n');
}

/** Columns of a terminal. A Chinese character takes two. */
const widthOf = (text: string): number => text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0);

const cells = ({ methods, path, source, input, contentType, limits, answer, summary }: OperationInfo): string[] => [
  `${methods.join(', ')} \`${path}\``,
  source,
  fields(input, contentType !== undefined),
  largest(contentType, limits.maxBytes),
  answer.contentType === undefined ? shownAnswer(JSON.stringify(answer.example)) : 'the bytes',
  summary,
];

/** A longer answer would make the table unreadable. */
const MAX_ANSWER = 140;
const shownAnswer = (example: string): string => (example.length > MAX_ANSWER ? 'see `/docs`' : `\`${example}\``);

const largest = (contentType: string | undefined, maxBytes: number): string =>
  contentType === undefined ? 'none' : contentType === 'multipart/form-data' ? '`UPLOAD_MAX_BYTES`' : size(maxBytes);

/** The limits of all rows are whole KiB, but for a row that sets its own. */
const size = (bytes: number): string => (bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`);

/** In an operation with a body, the fields of the query string are marked. */
const fields = (input: OperationInfo['input'], hasBody: boolean): string =>
  Object.entries(input)
    .map(([name, { in: place, written, required, schema }]) => {
      const notes = [
        ...('description' in schema ? [schema.description] : []),
        ...(hasBody && place === 'query' ? ['query string'] : []),
      ];
      const note = notes.length > 0 ? ` (${notes.join('; ')})` : '';
      return `\`${written ?? name}\`${required ? '' : '?'}${note}`;
    })
    .join(', ');

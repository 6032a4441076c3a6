/**
 * The JSON text of a value, in which a `bigint` is a number with all its digits. `JSON.stringify` rejects those. They are
 * rare, so all other values take its fast way.
 */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError && error.message.includes('BigInt')) return exact(value, '') ?? 'null';
    throw error;
  }
}

interface Shown {
  toJSON(key: string): unknown;
}

const isShown = (value: object): value is Shown => 'toJSON' in value && typeof value.toJSON === 'function';

/** Undefined for what JSON leaves out. */
function exact(value: unknown, key: string): string | undefined {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isShown(value)) return exact(value.toJSON(key), key);
  if (Array.isArray(value)) return `[${value.map((item, index) => exact(item, String(index)) ?? 'null').join()}]`;
  const fields = Object.entries(value).flatMap(([name, field]) => {
    const text = exact(field, name);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${fields.join()}}`;
}

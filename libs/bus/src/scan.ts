/** What a message's bytes show before they are parsed. */
export interface Scan {
  /** Fields of all objects and items of all lists, up to one more than the bound. */
  readonly values: number;
  /** Names of fields, repeats included. */
  readonly names: number;
  readonly depth: number;
  /** If there are too many values: the field of the outermost object that has the last one, as the message has it, quoted. */
  readonly field: string | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Counts what the JSON in these bytes consists of, without making any of it. It ends early if there are more than `most`
 * values. Of bytes that aren't JSON the numbers mean nothing; the parser rejects them.
 */
export function scan(bytes: Uint8Array, most: number): Scan {
  let [values, names, depth, deepest] = [0, 0, 0, 0];
  /** The last text, and the last name of a field of the outermost object, or of the one in it. */
  let [from, to] = [0, 0];
  const field = { from: [0, 0, 0], to: [0, 0, 0] };
  const end = bytes.length;
  for (let i = 0; i < end && values <= most; i++) {
    switch (bytes[i]!) {
      case QUOTE:
        from = i;
        i = endOfText(bytes, i);
        to = i + 1;
        break;
      case 0x3a: // :
        names += 1;
        if (depth === 1 || depth === 2) [field.from[depth], field.to[depth]] = [from, to];
        break;
      case 0x2c: // ,
        values += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        values += 1;
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
    }
  }
  if (values <= most) return { values, names, depth: deepest, field: undefined };
  const nameAt = (level: number) => textAt(bytes, field.from[level]!, field.to[level]!);
  return { values, names, depth: deepest, field: nameAt(1) === '"data"' ? nameAt(2) : nameAt(1) };
}

/** The index of the quote that ends the text. */
function endOfText(bytes: Uint8Array, begin: number): number {
  const end = bytes.length;
  let i = begin + 1;
  for (; i < end && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
  return i;
}

const textAt = (bytes: Uint8Array, from: number, to: number): string | undefined =>
  to > from ? Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8') : undefined;

/** The number of names in a parsed value: smaller than in its text if an object has a name twice. */
export function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let names = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') names += namesIn(item);
    return names;
  }
  for (const key of Object.keys(value)) {
    names += 1;
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === 'object') names += namesIn(inner);
  }
  return names;
}

/** The first name that an object in this well-formed JSON has twice. */
export function repeatedName(bytes: Uint8Array): string | undefined {
  const open: Set<string>[] = [];
  let text: string | undefined;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]!) {
      case QUOTE: {
        const end = endOfText(bytes, i);
        text = textAt(bytes, i, end + 1);
        i = end;
        break;
      }
      case 0x3a: {
        const name = JSON.parse(text!) as string;
        if (open.at(-1)!.has(name)) return name;
        open.at(-1)!.add(name);
        break;
      }
      case 0x5b:
      case 0x7b:
        open.push(new Set());
        break;
      case 0x5d:
      case 0x7d:
        open.pop();
    }
  }
  return undefined;
}

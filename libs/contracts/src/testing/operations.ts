import type { CohortError } from '../errors';
import { COMMANDS, QUERIES } from '../registry';
import { parseDto, type Class, type FieldError, type RequestBounds } from '../validation';
import { declaredFields, type DeclaredField, type Extent } from '../validation/declared';

/** A command or a query, for tests that walk through all of them. */
export interface Operation {
  readonly kind: 'command' | 'query';
  readonly name: string;
  readonly dto: Class;
  readonly bounds: RequestBounds;
}

export const OPERATIONS: readonly Operation[] = (['command', 'query'] as const).flatMap((kind) =>
  Object.entries<Pick<Operation, 'dto' | 'bounds'>>(kind === 'command' ? COMMANDS : QUERIES).map(
    ([name, { dto, bounds }]) => ({ kind, name, dto, bounds }),
  ),
);

/** A plain object, as JSON makes it. */
export type Plain = Record<string, unknown>;

/**
 * A legal message with as many fields as can be given together, each with its largest value. Its lists have at most
 * `items` items, all different.
 */
export function largestOf({ dto }: Pick<Operation, 'dto'>, items = Infinity): Plain {
  const plain = objectOf(dto, items, 0);
  for (;;) {
    try {
      parseDto(dto, plain, Infinity);
      return plain;
    } catch (error) {
      // Some fields exclude each other: those that complain go.
      const { fields } = (error as CohortError).details as { fields: readonly FieldError[] };
      for (const { field } of fields) remove(plain, field.split('.'));
    }
  }
}

function remove(from: Plain, [name, ...rest]: readonly string[]): void {
  if (rest.length === 0) delete from[name!];
  else remove(from[name!] as Plain, rest);
}

const objectOf = (type: Class, items: number, index: number): Plain =>
  Object.fromEntries(declaredFields(type).map((field) => [field.name, valueOf(field, items, index)]));

function valueOf({ rules, nested }: DeclaredField, items: number, index: number): unknown {
  const extents = rules.flatMap(({ name, constraints: [extent] }) =>
    typeof extent === 'object' && extent !== null && 'largest' in extent ? [{ name, ...(extent as Extent) }] : [],
  );
  const count = extents.find(({ name }) => name === 'itemCount');
  const single = extents.find((extent) => extent !== count);
  const one = (i: number) => (nested ? objectOf(nested.type, items, i) : distinct(single!.largest, i));
  if (count === undefined) return one(index);
  return Array.from({ length: Math.min(items, Number(count.largest)) }, (_, i) => one(i));
}

/** Texts of the same size that differ by index, if there is room for it. */
function distinct(value: unknown, index: number): unknown {
  if (typeof value !== 'string' || value.codePointAt(0) !== 0x1f600) return value;
  return String.fromCodePoint(0x1f300 + (index % 256), 0x1f300 + Math.floor(index / 256)) + value.slice(4);
}

/** JSON in its longest form without superfluous space: each UTF-16 unit of a text is an escape. */
export function escapedJson(value: unknown): string {
  if (typeof value === 'string') {
    const units = Array.from({ length: value.length }, (_, i) => value.charCodeAt(i).toString(16).padStart(4, '0'));
    return `"${units.map((unit) => `\\u${unit}`).join('')}"`;
  }
  if (Array.isArray(value)) return `[${value.map(escapedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${escapedJson(name)}:${escapedJson(inner)}`)
    .join(',')}}`;
}

/** The paths of all fields in a message, those of objects and of items in lists included. */
export const pathsIn = (value: unknown): (readonly string[])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [[name], ...pathsIn(inner).map((rest) => [name, ...rest])]);

/** A copy in which one field has another value. */
export function withValue(plain: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  const copy = (Array.isArray(plain) ? [...(plain as unknown[])] : { ...(plain as Plain) }) as Plain;
  const inner = rest.length === 0 ? value : withValue(copy[name!], rest, value);
  // As JSON does it: a name such as `__proto__` is one like any other.
  Object.defineProperty(copy, name!, { value: inner, enumerable: true, configurable: true, writable: true });
  return copy;
}

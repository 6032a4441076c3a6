import { declaredFields, type Class, type DeclaredField, type Extent } from './declared';

/** The bounds of an operation's messages. They are checked before the message is parsed. */
export interface RequestBounds {
  /** Bytes of the message. */
  readonly bytes: number;
  /** Fields of all objects and items of all lists in it. */
  readonly values: number;
}

const KIB = 1024;
/** Every operation takes messages of this size. Only fields that need more raise it. */
const LEAST_BYTES = 64 * KIB;
/** No operation takes more: it is NATS' default for a message, and the event store's for the events of a command. */
export const MAX_MESSAGE_BYTES = 1024 * KIB;
/** Room for the envelope of Nest's ClientProxy. */
const ENVELOPE_BYTES = KIB;
/** Room for fields that don't exist, so that the error names them. */
const UNKNOWN_VALUES = 64;

/** The bounds of a message whose operation declares none. */
export const DEFAULT_BOUNDS: RequestBounds = { bytes: LEAST_BYTES, values: 10_000 };

/**
 * The bounds that follow from a DTO's fields. The largest legal value fits, in any form that JSON has for it without
 * superfluous space: a character may be one byte, or two escapes of six.
 */
export function boundsOf(type: Class): RequestBounds {
  const { bytes, values } = extentOf(type);
  return {
    bytes: Math.min(MAX_MESSAGE_BYTES, Math.max(LEAST_BYTES, KIB * Math.ceil((bytes + ENVELOPE_BYTES) / KIB))),
    values: values + UNKNOWN_VALUES,
  };
}

/** The size of the largest object of a class with all its fields. */
function extentOf(type: Class): RequestBounds {
  const fields = declaredFields(type);
  const extents = new Map(
    fields.map((field) => {
      const { bytes, values } = extentOfField(type, field);
      return [field.name, { bytes: jsonBytes(field.name) + 2 + bytes, values: 1 + values }];
    }),
  );
  for (const name of outweighed(fields, extents)) extents.delete(name);
  const { bytes, values } = sumOf([...extents.values()]);
  return { bytes: bytes + 1, values };
}

const sumOf = (extents: readonly RequestBounds[]): RequestBounds =>
  extents.reduce((sum, { bytes, values }) => ({ bytes: sum.bytes + bytes, values: sum.values + values }), {
    bytes: 0,
    values: 0,
  });

/** Fields that can't be given beside others which are larger together. The largest object has those others. */
function outweighed(
  fields: readonly DeclaredField[],
  extents: ReadonlyMap<string, RequestBounds>,
): ReadonlySet<string> {
  const without = new Set<string>();
  const kept = new Set<string>();
  for (const { name, rules } of fields) {
    const others = rules.flatMap((rule) => (rule.name === 'notBeside' ? (rule.constraints[0] as string[]) : []));
    const there = others.filter((other) => extents.has(other) && !without.has(other));
    const { bytes, values } = sumOf(there.map((other) => extents.get(other)!));
    const own = extents.get(name)!;
    if (there.length === 0 || kept.has(name) || own.bytes > bytes || own.values > values) continue;
    without.add(name);
    there.forEach((other) => kept.add(other));
  }
  return without;
}

function extentOfField(type: Class, { name, rules, nested }: DeclaredField): RequestBounds {
  const extents = rules.filter(({ constraints: [extent] }) => isExtent(extent));
  const count = extents.find((rule) => rule.name === 'itemCount');
  const single = extents.find((rule) => rule !== count);
  const item = nested ? extentOf(nested.type) : single && { bytes: jsonBytes(largestOf(single)), values: 0 };
  if (item === undefined) throw new Error(`${type.name}.${name} has no decorator that bounds it`);
  if (count === undefined) return item;
  const items = Number(largestOf(count));
  return { bytes: 1 + items * (item.bytes + 1), values: items * (item.values + 1) };
}

const isExtent = (constraint: unknown): constraint is Extent =>
  typeof constraint === 'object' && constraint !== null && 'largest' in constraint;
const largestOf = ({ constraints: [extent] }: { readonly constraints: readonly unknown[] }) =>
  (extent as Extent).largest;

/** Most bytes that a scalar takes in JSON: of a text, an escape for each UTF-16 unit. */
const jsonBytes = (value: unknown): number =>
  typeof value === 'string' ? 6 * value.length + 2 : JSON.stringify(value).length;

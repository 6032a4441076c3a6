import { CohortError } from '@cohort/contracts';
import type { Field } from './fields';

const KIB = 1024;

/** Room for all fields of a body that are no lists, and for fields that the operation ignores. */
const OWN = { bytes: 64 * KIB, fields: 64 } as const;

/** The bounds of a body, checked before anything in it is looked at. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Fields of a form, or values in JSON. */
  readonly maxFields: number;
  /** The most items of each list. */
  readonly lists: Readonly<Record<string, number>>;
}

/**
 * The bounds of an operation's body, from its fields: 64 KiB and 64 fields, plus the items of its lists. Items may be
 * repeated, so a list has twice as many fields as different items, each with its values.
 */
export function limitsOf(
  input: Readonly<Record<string, Pick<Field<unknown, never>, 'in' | 'many'>>>,
  maxBytes?: number,
): BodyLimits {
  const lists = Object.entries(input).flatMap(([name, { in: place, many }]) =>
    place === 'body' && many ? [[name, many] as const] : [],
  );
  const sum = (of: (many: NonNullable<Field<unknown, never>['many']>) => number) =>
    lists.reduce((total, [, many]) => total + of(many), 0);
  return {
    maxBytes: maxBytes ?? Math.ceil((OWN.bytes + sum(({ atMost, bytes }) => atMost * bytes)) / KIB) * KIB,
    maxFields: OWN.fields + 2 * sum(({ atMost, values = 1 }) => atMost * values),
    lists: Object.fromEntries(lists.map(([name, { atMost }]) => [name, atMost])),
  };
}

export const tooLarge = (limit: number): CohortError =>
  new CohortError('TOO_LARGE', `the body is larger than ${limit} bytes`);

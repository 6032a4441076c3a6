import type { ApiBodyOptions } from '@nestjs/swagger';

/** A JSON Schema as OpenAPI 3.0 has it. */
export type Schema = NonNullable<Extract<ApiBodyOptions, { schema: unknown }>['schema']>;

/** One field of a request `R`: its place, its type for the documents, and its reader. */
export interface Field<T, R> {
  readonly in: 'body' | 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
  /** How the field is written in a table of the documents; default: its name. */
  readonly written?: string;
  /**
   * For a list in the body: the most items, and the most bytes of one item as it is written, with its name. `values`: the most
   * values of one item in JSON, itself included; default 1.
   */
  readonly many?: { readonly atMost: number; readonly bytes: number; readonly values?: number };
  /** Throws the vendor's own error, which names the field. */
  readonly read: (request: R, name: string) => T;
}

export type Fields<R> = Readonly<Record<string, Field<unknown, R>>>;

/** The values of fields, by name. */
export type Input<F> = { readonly [K in keyof F]: F[K] extends { read: (...args: never[]) => infer T } ? T : never };

/** Reads all fields in their order; the first one that is missing or wrong throws. */
export const readInput = <R, F extends Fields<R>>(fields: F, request: R): Input<F> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.read(request, name)])) as Input<F>;

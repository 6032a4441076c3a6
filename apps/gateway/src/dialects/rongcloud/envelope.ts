import type { Schema } from '../../dialect/fields';

const code: Schema = { type: 'integer', enum: [200] };

/** The answer of an operation that has nothing to return. */
export const done = {
  schema: { type: 'object', properties: { code }, required: ['code'] } satisfies Schema,
  example: { code: 200 },
  write: () => ({ code: 200 }),
};

/** The answer of an operation that returns one list. */
export const list = <T, A, R>(name: string, item: Schema, example: T, of: (result: A, call: R) => readonly T[]) =>
  one(name, { type: 'array', items: item }, [example], of);

/** The answer of an operation that returns one value. */
export const one = <T, A, R>(name: string, value: Schema, example: T, of: (result: A, call: R) => T) => ({
  schema: {
    type: 'object',
    properties: { code, [name]: value },
    required: ['code', name],
  } satisfies Schema,
  example: { code: 200, [name]: example },
  write: (result: A, call: R) => ({ code: 200, [name]: of(result, call) }),
});

import type { Schema } from '../../dialect/fields';

const code: Schema = { type: 'integer', enum: [200] };

/** The answer of an operation that has nothing to return. */
export const done = {
  schema: { type: 'object', properties: { code }, required: ['code'] } satisfies Schema,
  example: { code: 200 },
  write: () => ({ code: 200 }),
};

/** The answer of an operation that returns one list. */
export const list = <T, A>(name: string, item: Schema, example: T, of: (result: A) => readonly T[]) => ({
  schema: {
    type: 'object',
    properties: { code, [name]: { type: 'array', items: item } },
    required: ['code', name],
  } satisfies Schema,
  example: { code: 200, [name]: [example] },
  write: (result: A) => ({ code: 200, [name]: of(result) }),
});

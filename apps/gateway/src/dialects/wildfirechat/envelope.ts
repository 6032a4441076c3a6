import type { Schema } from '../../dialect/fields';
import type { Answer } from '../../dialect/operation';
import type { WildfireCall } from './fields';

const CODE: Schema = { type: 'integer', enum: [0] };
const MSG: Schema = { type: 'string', enum: ['success'] };
const SUCCESS = { code: 0, msg: 'success' } as const;

/** The answer of an operation that has nothing to return. */
export const done: Answer<unknown, unknown> = {
  schema: { type: 'object', properties: { code: CODE, msg: MSG }, required: ['code', 'msg'] },
  example: SUCCESS,
  write: () => SUCCESS,
};

/** The answer of an operation that returns `result`. */
export const result = <A>(
  schema: Schema,
  example: unknown,
  of: (found: A) => unknown,
): Answer<A, WildfireCall<unknown>> => ({
  schema: {
    type: 'object',
    properties: { code: CODE, msg: MSG, result: schema },
    required: ['code', 'msg', 'result'],
  },
  example: { ...SUCCESS, result: example },
  write: (found) => ({ ...SUCCESS, result: of(found) }),
});

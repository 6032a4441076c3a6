import { noBody } from './body';
import type { Field } from './fields';
import { operationOf } from './operation';

interface Settings {
  readonly key: string;
}
const operation = operationOf<Settings, undefined>(noBody);
const field = <T>(value: T): Field<T, unknown> => ({ in: 'query', required: true, schema: {}, read: () => value });
const input = { g: field('g'), flag: field(true) };
const answer = { schema: {}, example: {}, write: () => 1 };
const about = { source: '1', summary: 'is a row', answer };

/** The compiler refuses each of these rows; `npm run typecheck` fails if it no longer does. */
export const refusedByTheCompiler = [
  operation('a field of the wrong type', 'GET', '/x', {
    ...about,
    input,
    // @ts-expect-error a boolean is no group id
    does: ({ as, input }) => as.command('join', { groupId: input.flag, userId: input.g }),
  }),
  operation('an unknown field of a command', 'GET', '/x', {
    ...about,
    input,
    // @ts-expect-error `nonsense`
    does: ({ as, input }) => as.command('dismiss', { groupId: input.g, nonsense: 1 }),
  }),
  operation('a missing field of a command', 'GET', '/x', {
    ...about,
    input,
    // @ts-expect-error `groupId` is missing
    does: ({ as }) => as.command('dismiss', {}),
  }),
  operation('an unknown command', 'GET', '/x', {
    ...about,
    input,
    // @ts-expect-error `dismis`
    does: ({ as }) => as.command('dismis', {}),
  }),
  operation('a field that the row does not declare', 'GET', '/x', {
    ...about,
    input,
    does: ({ input }) => {
      // @ts-expect-error `h`
      const name: keyof typeof input = 'h';
      return Promise.resolve(input[name]);
    },
  }),
  operation('a field that reads another body', 'GET', '/x', {
    ...about,
    // @ts-expect-error the row has no body
    input: { g: { ...field('g'), read: ({ body }: { body: string }) => body } },
    does: () => Promise.resolve(1),
  }),
  operation('an answer that writes something else', 'GET', '/x', {
    ...about,
    input,
    // @ts-expect-error a group has no `nothing`
    does: ({ as, input }) => as.query('group', { groupId: input.g }),
    answer: { ...answer, write: (group: { nothing: string }) => group.nothing },
  }),
];

test('a row keeps what the documents need', () => {
  const row = operation('kick', ['POST', 'DELETE'], '/groups/{g}', { ...about, input, does: () => Promise.resolve(1) });
  expect(row).toMatchObject({
    name: 'kick',
    methods: ['POST', 'DELETE'],
    path: '/groups/{g}',
    source: '1',
    summary: 'is a row',
    contentType: undefined,
    input,
    answer,
  });
});

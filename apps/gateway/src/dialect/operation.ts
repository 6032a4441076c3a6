import type { BodyReader } from './body';
import type { Call, Incoming } from './call';
import type { Caller } from './caller';
import { readInput, type Field, type Fields, type Input, type Schema } from './fields';
import type { Proof } from './tenants';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The body of a successful answer: its type for the documents, and its writer. */
export interface Answer<A, R> {
  readonly schema: Schema;
  readonly example: unknown;
  readonly write: (result: A, call: R) => unknown;
}

/** The documentation of an operation. */
export interface OperationInfo {
  readonly name: string;
  readonly methods: readonly Method[];
  /** `/chatgroups/{group_id}/users`. */
  readonly path: string;
  /** Its place in the vendor's document. */
  readonly source: string;
  /** One clause, the predicate of "this operation ...". */
  readonly summary: string;
  readonly contentType: string | undefined;
  readonly input: Readonly<Record<string, Pick<Field<unknown, never>, 'in' | 'required' | 'schema' | 'written'>>>;
  readonly answer: { readonly schema: Schema; readonly example: unknown };
}

/** One operation of a dialect with settings `S`. The types of its body and fields stay inside, so rows make one list. */
export interface Operation<S> extends OperationInfo {
  /** Reads body and fields, carries the operation out, and returns the answer's body. */
  readonly handle: (as: Caller, incoming: Incoming, proof: Proof<S>) => Promise<unknown>;
}

/** What one row adds to its name, method and path. */
export interface Row<S, B, F extends Fields<Call<S, B>>, A> {
  readonly source: string;
  readonly summary: string;
  readonly input: F;
  readonly does: (row: { readonly as: Caller; readonly input: Input<F>; readonly call: Call<S, B> }) => Promise<A>;
  readonly answer: Answer<A, Call<S, B>>;
}

/** Makes the `operation` of rows with settings `S` whose bodies are read by `body`. */
export const operationOf =
  <S, B>(body: BodyReader<B>) =>
  <const F extends Fields<Call<S, B>>, A>(
    name: string,
    method: Method | readonly Method[],
    path: string,
    { source, summary, input, does, answer }: Row<S, B, F, A>,
  ): Operation<S> => ({
    name,
    methods: [method].flat(),
    path,
    source,
    summary,
    contentType: body.contentType,
    input,
    answer,
    handle: async (as, incoming, proof) => {
      const call = { ...incoming, ...proof, body: await body.read(incoming.http) };
      return answer.write(await does({ as, call, input: readInput(input, call) }), call);
    },
  });

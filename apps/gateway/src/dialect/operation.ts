import type { BodyReader } from './body';
import type { Lease } from './body-bytes';
import type { Call, Incoming } from './call';
import type { Caller } from './caller';
import { readInput, type Field, type Fields, type Input, type Schema } from './fields';
import { limitsOf, type BodyLimits } from './limits';
import type { Proof } from './tenants';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The body of a successful answer: its type for the documents, and its writer. */
export interface Answer<A, R> {
  readonly schema: Schema;
  readonly example: unknown;
  /** Media type for the documents; default: JSON. A `FileAnswer` has another. */
  readonly contentType?: string;
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
  /** The bounds of its body. */
  readonly limits: BodyLimits;
  readonly input: Readonly<
    Record<string, Pick<Field<unknown, never>, 'in' | 'required' | 'schema' | 'written' | 'many'>>
  >;
  readonly answer: { readonly schema: Schema; readonly example: unknown; readonly contentType?: string };
}

/** One operation of a dialect with settings `S`. The types of its body and fields stay inside, so rows make one list. */
export interface Operation<S> extends OperationInfo {
  /** Reads body and fields, carries the operation out, and returns the answer's body, or a `FileAnswer`. The lease holds the body's bytes. */
  readonly handle: (as: Caller, incoming: Incoming, proof: Proof<S>, lease: Lease) => Promise<unknown>;
}

/** What one row adds to its name, method and path. */
export interface Row<S, B, F extends Fields<Call<S, B>>, A> {
  readonly source: string;
  readonly summary: string;
  /** Bytes of the largest body; default: 64 KiB, plus what the lists among its fields need. */
  readonly maxBytes?: number;
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
    { source, summary, maxBytes, input, does, answer }: Row<S, B, F, A>,
  ): Operation<S> => {
    const limits = limitsOf(input, maxBytes);
    return {
      name,
      methods: [method].flat(),
      path,
      source,
      summary,
      contentType: body.contentType,
      limits,
      input,
      answer,
      handle: async (as, incoming, proof, lease) => {
        const call = { ...incoming, ...proof, body: await body.read(incoming.http, limits, lease) };
        return answer.write(await does({ as, call, input: readInput(input, call) }), call);
      },
    };
  };

import type { Actor } from '@cohort/contracts';
import { jsonObject, jsonObjectOrNone, noBody, type BodyReader } from '../../dialect/body';
import type { Caller } from '../../dialect/caller';
import type { Input, Schema } from '../../dialect/fields';
import type { JsonObject } from '../../dialect/json';
import { upload } from '../../dialect/files/upload';
import { operationOf, type Method, type Operation } from '../../dialect/operation';
import { acting, mayAct, type Access } from './access';
import type { LanyingCall, LanyingField } from './fields';
import { Ids } from './ids';
import type { LanyingSettings } from './settings';

/** What a row has of its call. */
export interface Row<F> {
  /** Sends commands and queries in the name of whoever acts. */
  readonly as: Caller;
  readonly actor: Actor;
  /** The acting user's id. Throws 10002 where only a service acts. */
  readonly me: () => string;
  /** The group in which an admin's token acts as the service. */
  readonly inGroup: string | undefined;
  readonly input: Input<F>;
  readonly call: LanyingCall;
}

/** The body of a successful answer. Ids are written with `ids.user` and `ids.group`. */
export interface Answer<A> {
  readonly schema: Schema;
  readonly example: unknown;
  /** Of the bytes of a file. */
  readonly contentType?: string;
  readonly write: (result: A, ids: Ids, call: LanyingCall) => unknown;
}

interface Operates<F, A> {
  /** The section of the vendor's document. */
  readonly source: string;
  readonly summary: string;
  readonly access: Access;
  readonly input: F;
  readonly does: (row: Row<F>) => Promise<A>;
  readonly answer: Answer<A>;
  /** Whether the body is a form with a file. */
  readonly file?: 'taken';
}

const reading = (body: BodyReader<JsonObject | undefined>) =>
  operationOf<LanyingSettings, JsonObject | undefined>(body);
const withJson = reading(jsonObject);
const withJsonOrNone = reading(jsonObjectOrNone);
const withoutBody = reading(noBody);
const withFile = reading(upload);

/**
 * A row of this dialect. It has a body if one of its fields stands there, and needs it if it needs such a field. Before
 * `does`, the numbers of all fields have become ids, and the access that the row names is checked.
 */
export function operation<const F extends Readonly<Record<string, LanyingField<unknown>>>, A>(
  name: string,
  method: Method | readonly Method[],
  path: string,
  { source, summary, access, input, does, answer, file }: Operates<F, A>,
): Operation<LanyingSettings> {
  const inBody = Object.values(input).filter((field) => field.in === 'body');
  const needed = inBody.some((field) => field.required) ? withJson : withJsonOrNone;
  const withBody = file === 'taken' ? withFile : inBody.length > 0 ? needed : withoutBody;
  return withBody(name, method, path, {
    source,
    summary,
    input,
    does: async ({ as: anyone, call, input: sent }) => {
      const ids = new Ids(anyone);
      const who = await acting(anyone, call, ids);
      const found = await idsOf(input, sent, ids);
      await mayAct(access, who, found);
      const row = { ...who, input: found, call };
      const body = answer.write(await does(row), ids, call);
      await ids.resolve();
      return body;
    },
    answer: { ...answer, write: (body: unknown) => body },
  });
}

async function idsOf<F extends Readonly<Record<string, LanyingField<unknown>>>>(
  fields: F,
  input: Input<F>,
  ids: Ids,
): Promise<Input<F>> {
  const found: Record<string, unknown> = { ...input };
  for (const [name, { find }] of Object.entries(fields)) {
    if (find) found[name] = await find(found[name], ids);
  }
  return found as Input<F>;
}

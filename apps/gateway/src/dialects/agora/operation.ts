import { CohortError, type Actor } from '@cohort/contracts';
import { jsonObject, noBody, type BodyReader } from '../../dialect/body';
import type { Caller } from '../../dialect/caller';
import type { Input, Schema } from '../../dialect/fields';
import type { JsonObject } from '../../dialect/json';
import { FILE_SCHEMA, FileAnswer } from '../../dialect/files/file-answer';
import { upload } from '../../dialect/files/upload';
import { operationOf, type Answer, type Method, type Operation } from '../../dialect/operation';
import { mayAct, type Access } from './access';
import { enveloped, schemaOf, type Reply } from './envelope';
import { translated } from './errors';
import { base, type AgoraCall, type AgoraField } from './fields';
import { shapeOf, type Shape } from './paths';
import type { AgoraSettings } from './settings';
import { Users } from './users';

type Fields = Readonly<Record<string, AgoraField<unknown>>>;

/** What a row has of its call. */
export interface Row<F> {
  /** Sends commands and queries in the name of whoever acts. */
  readonly as: Caller;
  readonly actor: Actor;
  readonly input: Input<F>;
  readonly shape: Shape;
  readonly call: AgoraCall;
}

interface Operates<F> {
  /** Which document has it. */
  readonly source: string;
  readonly summary: string;
  readonly access: Access;
  readonly input: F;
  readonly does: (row: Row<F>) => Promise<Reply | FileAnswer>;
  /** Whether the body is a form with a file, or the answer the bytes of one. */
  readonly file?: 'taken' | 'returned';
  /** The `data` of the answer. */
  readonly data: { readonly schema: Schema; readonly example: unknown };
}

const reading = (body: BodyReader<JsonObject | undefined>) => operationOf<AgoraSettings, JsonObject | undefined>(body);
const withJson = reading(jsonObject);
const withoutBody = reading(noBody);
const withFile = reading(upload);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * A row of this dialect, in both shapes of its paths: `/app-id/{app_id}` is an org and an app as well. It has a body if one of
 * its fields stands there. Before `does`, the names of users have become ids, and the access that the row names is checked.
 */
export function operation<const F extends Fields>(
  name: string,
  method: Method | readonly Method[],
  path: string,
  { source, summary, access, input, does, data, file }: Operates<F>,
): Operation<AgoraSettings> {
  const hasBody = Object.values(input).some((field) => field.in === 'body');
  const withBody = file === 'taken' ? withFile : hasBody ? withJson : withoutBody;
  return withBody(name, method, `/{org_name}/{app_name}${path}`, {
    source,
    summary,
    input: { ...base, ...input },
    does: async ({ as: caller, call, input: sent }) => {
      const began = performance.now();
      const shape = shapeOf(call.params.org_name);
      const users = new Users(caller, shape);
      const actor = await actorOf(call.actor, users);
      const as = actor.type === 'user' ? caller.by(actor) : caller;
      const found = await idsOf(input, sent as Input<F>, users);
      const { group_id: inPath, groupid, username, owner } = found as Readonly<Record<string, unknown>>;
      const actorId = actor.type === 'user' ? actor.id : undefined;
      const userId = textOf(username) ?? textOf(owner) ?? actorId;
      const named = { groupId: textOf(inPath) ?? textOf(groupid), userId, actorId };
      try {
        await mayAct(access, as, actor, { groupId: named.groupId, userId: textOf(username) });
        const reply = await does({ as, actor, input: found, shape, call });
        return reply instanceof FileAnswer ? reply : enveloped(call, reply, performance.now() - began);
      } catch (error) {
        if (!(error instanceof CohortError)) throw error;
        const { groupname, name: newName } = found as Readonly<Record<string, unknown>>;
        throw translated(error, { ...named, name: textOf(groupname) ?? textOf(newName) });
      }
    },
    answer: file === 'returned' ? BYTES : answerWith(data),
  });
}

const asItIs = (body: unknown): unknown => body;
const BYTES: Answer<unknown, AgoraCall> = {
  ...{ schema: FILE_SCHEMA, example: undefined, contentType: 'application/octet-stream', write: asItIs },
};
const answerWith = ({ schema, example }: Operates<Fields>['data']): Answer<unknown, AgoraCall> => ({
  ...{ schema: schemaOf(schema), example: { data: example }, write: asItIs },
});

const actorOf = async (actor: Actor, users: Users): Promise<Actor> =>
  actor.type === 'user' ? { type: 'user', id: await users.one(actor.id) } : actor;

async function idsOf<F extends Fields>(fields: F, input: Input<F>, users: Users): Promise<Input<F>> {
  const found: Record<string, unknown> = { ...input };
  for (const [name, { find }] of Object.entries(fields)) {
    if (find) found[name] = await find(found[name], users);
  }
  return found as Input<F>;
}

import { isId, PAGE, type CohortError } from '@cohort/contracts';
import { jsonObject, noBody } from '../body';
import type { Call, Incoming } from '../call';
import { defineDialect } from '../dialect';
import { vendorCode } from '../errors';
import type { Field, Schema } from '../fields';
import type { JsonObject } from '../json';
import { wholeNumber } from '../numbers';
import { operationOf } from '../operation';
import { IsKey, IsSecret } from '../settings';
import type { Proof, Tenants } from '../tenants';

/** A dialect with parameters in its paths, JSON bodies and a bearer token, as small as one can be. */
class SampleSettings {
  @IsKey()
  org!: string;

  @IsSecret()
  token!: string;
}

class SampleError extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    message: string,
  ) {
    super(message);
  }
}

const id: Schema = { type: 'string', minLength: 1, maxLength: 64 };

const checked = (name: string, value: unknown): string => {
  if (isId(value)) return value;
  throw new SampleError(400, 'invalid_parameter', `${name} must be an id`);
};

const inPath: Field<string, Pick<Incoming, 'params'>> = {
  in: 'path',
  required: true,
  schema: id,
  read: ({ params }, name) => checked(name, params[name]),
};

const inBody: Field<string, Pick<Call<SampleSettings, JsonObject>, 'body'>> = {
  in: 'body',
  required: true,
  schema: id,
  read: ({ body }, name) => checked(name, body[name]),
};

const checkedNumber = (name: string, value: unknown, max: number): number => {
  const number = wholeNumber(value);
  if (number !== undefined && number >= 1 && number <= max) return number;
  throw new SampleError(400, 'invalid_parameter', `${name} must be a whole number from 1 to ${max}`);
};

const capacity: Field<number | undefined, Pick<Call<SampleSettings, JsonObject>, 'body'>> = {
  in: 'body',
  required: false,
  schema: { type: 'integer' },
  read: ({ body }, name) => (body[name] === undefined ? undefined : checkedNumber(name, body[name], 1_000)),
};

const limit: Field<number | undefined, Pick<Incoming, 'query'>> = {
  in: 'query',
  required: false,
  schema: { type: 'integer' },
  read: ({ query }, name) => {
    const [text] = query.getAll(name);
    return text === undefined ? undefined : checkedNumber(name, text, PAGE.maxLimit);
  },
};

const withoutBody = operationOf<SampleSettings, undefined>(noBody);
const withJson = operationOf<SampleSettings, JsonObject>(jsonObject);

const data = {
  schema: { type: 'object', properties: { data: {} } } satisfies Schema,
  example: { data: {} },
  write: <A>(result: A) => ({ data: result }),
};

function authenticate({ headers, params }: Incoming, tenants: Tenants<SampleSettings>): Proof<SampleSettings> {
  const tenant = tenants.get(params.org ?? '');
  if (!tenant || headers.authorization !== `Bearer ${tenant.settings.token}`) {
    throw new SampleError(401, 'unauthorized', 'Unable to authenticate');
  }
  return { tenant, actor: { type: 'service' } };
}

const STATUS = {
  kinds: {
    invalid: 400,
    tooLarge: 413,
    unauthenticated: 401,
    forbidden: 403,
    notFound: 404,
    gone: 404,
    conflict: 409,
    busy: 429,
    unavailable: 503,
    misuse: 500,
    internal: 500,
  },
  exceptions: {},
};

export const SAMPLE = { org: 'Demo', token: 'demo-token' };

export const sample = defineDialect({
  key: 'sample',
  title: 'Sample',
  document: "Sample's document",
  settings: SampleSettings,
  tenantKey: { name: 'org', of: ({ org }) => org },
  demo: {
    settings: SAMPLE,
    keys: `token ${SAMPLE.token}`,
    curl: (url) => `curl -s ${url}/sample/${SAMPLE.org}/groups`,
  },
  claimed: '/sample/*path',
  claims: (path) => path.startsWith('/sample/'),
  authenticate,
  credentials: ['Authorization'],
  errors: {
    type: SampleError,
    from: ({ code, message }: CohortError) => new SampleError(vendorCode(STATUS, code), code.toLowerCase(), message),
    notFound: ({ method, path }) => new SampleError(404, 'not_found', `${method} ${path}`),
    reply: ({ status, error, message }) => ({ status, body: { error, error_description: message } }),
    schema: { type: 'object', properties: { error: { type: 'string' }, error_description: { type: 'string' } } },
  },
  operations: [
    withJson('create', ['POST', 'PUT'], '/sample/{org}/groups', {
      source: '1',
      summary: 'creates a group',
      maxBytes: 1_000,
      input: { org: inPath, name: inBody, owner: inBody, capacity },
      does: async ({ as, input: { name, owner, capacity } }) => {
        const { groupId } = await as.command('create', { name, owner, capacity });
        return { id: groupId };
      },
      answer: data,
    }),
    withoutBody('group', 'GET', '/sample/{org}/groups/{group_id}', {
      source: '2',
      summary: 'returns a group',
      input: { org: inPath, group_id: inPath },
      does: async ({ as, input }) => {
        const { name, owner } = await as.query('group', { groupId: input.group_id });
        return { name, owner };
      },
      answer: data,
    }),
    withoutBody('members', 'GET', '/sample/{org}/groups/{group_id}/users', {
      source: '4',
      summary: 'returns the first members',
      input: { org: inPath, group_id: inPath, limit },
      does: async ({ as, input }) => {
        const { members } = await as.query('members', { groupId: input.group_id, limit: input.limit });
        return members.map(({ userId }) => userId);
      },
      answer: data,
    }),
    withoutBody('kick', 'DELETE', '/sample/{org}/groups/{group_id}/users/{user_id}', {
      source: '3',
      summary: 'removes a member',
      input: { org: inPath, group_id: inPath, user_id: inPath },
      does: async ({ as, input }) => {
        await as.command('kick', { groupId: input.group_id, userIds: [input.user_id] });
        return { result: true };
      },
      answer: data,
    }),
  ],
});

import { agora as dialect } from '../../../apps/gateway/src/dialects/agora/dialect';
import { ERROR_TYPES, type ErrorType } from '../../../apps/gateway/src/dialects/agora/errors';
import type { OperationInfo } from '../../../apps/gateway/src/dialect/operation';
import { tokenOf } from '../../support/agora';
import type { DialectCases, Expected, RowCases, Value, Values, Wrong } from '../cases';

const settings = {
  ...{ appId: 'rows-app-id', certificate: 'rows-certificate', org: 'rows-org', app: 'rows-app' },
  ...{ clientId: 'rows-client', clientSecret: 'rows-client-secret' },
};

const number = expect.any(Number) as number;

function error(type: ErrorType, description: string): Expected {
  const [status, name, exception] = ERROR_TYPES[type] as readonly [number, string, string?];
  const times = { timestamp: number, duration: number };
  return {
    status,
    body: { error: name, ...times, ...(exception === undefined ? {} : { exception }), error_description: description },
  };
}
const bad = (description: string) => error('invalid', description);
const noGroup = (groupId: string) => error('notFound', `grpID ${groupId} does not exist!`);

/** Every operation on a group but a few answers so. */
const gone: RowCases = { unknownGroup: noGroup, dismissedGroup: (_message, groupId) => noGroup(groupId) };

const isNotJoined: Expected = {
  status: 200,
  body: {
    ...{ action: 'get', application: expect.any(String) as string, uri: expect.any(String) as string, entities: [] },
    ...{ data: false, timestamp: number, duration: number, organization: 'rows-org', applicationName: 'rows-app' },
  },
};
const never: RowCases = { unknownGroup: () => isNotJoined, dismissedGroup: () => isNotJoined };

/** A row in which a user acts, whom the app's token doesn't name. */
const usersOwn = (does: string): RowCases => {
  const expected = () => bad(`a user ${does} with their own token`);
  return { unknownGroup: expected, dismissedGroup: expected };
};

/** Rows that answer otherwise. */
const OTHERS: Readonly<Record<string, RowCases | 'names no group'>> = {
  create: 'names no group',
  isJoined: never,
  quit: usersOwn('quits'),
  apply: usersOwn('applies'),
  shield: usersOwn('shields themselves'),
  unshield: usersOwn('shields themselves'),
};

interface Described {
  readonly type?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
}
const schemaOf = (row: OperationInfo, field: string): Described => row.input[field]!.schema as Described;

/** Fields that this shape of the path refuses in a change. */
const OTHER_SHAPE = ['public', 'invite_need_confirm'];

function validValue(row: OperationInfo, field: string, groupId: string, unused: string): Value {
  const known: Readonly<Record<string, Value>> = {
    ...{ org_name: settings.org, app_name: settings.app, group_id: groupId, username: unused, cursor: '' },
    file_id: '1',
    ...{ grant_type: 'client_credentials', client_id: settings.clientId, client_secret: settings.clientSecret },
  };
  const value = known[field];
  if (value !== undefined) return value;
  if (field === 'usernames' && row.input[field]!.in === 'path') return unused;
  const { type, minimum } = schemaOf(row, field);
  if (type === 'array') return [unused];
  if (type === 'object') return { key: 'text' };
  if (type === 'boolean') return true;
  return type === 'integer' ? Math.max(minimum ?? 1, 1) : 'text';
}

/** Fields that name one user. */
const USERS = ['username', 'owner', 'newowner', 'newadmin', 'invitee', 'applicant'];

/** Wrong values of a field, as its schema describes it. */
function wrong(field: string, row: OperationInfo): Wrong {
  const { type, minimum, maxLength = 0 } = schemaOf(row, field);
  const place = row.input[field]!.in;
  if (field === 'org_name')
    return { unknown: ['nobody', error('noApp', `Could not find application for nobody/rows-app`)] };
  if (field === 'app_name')
    return { unknown: ['none', error('noApp', `Could not find application for rows-org/none`)] };
  if (field === 'group_id' || field === 'groupid') {
    return { 'too long': ['x'.repeat(65), bad(`${field} must be an id`)] };
  }
  if (field === 'announcement') {
    return {
      'too long': ['x'.repeat(maxLength + 1), error('announcementTooLong', 'announce info length exceeds limit!')],
      'of a number': [7, bad(`${field} must be a string`)],
    };
  }
  if (field === 'mute_duration') {
    const expected = bad(`${field} must be a number from 1, or -1`);
    return { 'of a text': ['x', expected], zero: [0, expected], 'with a fraction': [1.5, expected] };
  }
  if (field === 'usernames' && place === 'path') {
    return { 'with a space': ['u1,a b', bad(`${field} must be a username`)] };
  }
  if (USERS.includes(field)) {
    const expected = bad(`${field} must be a username`);
    return { 'with a space': ['a b', expected], 'too long': ['x'.repeat(65), expected] };
  }
  if (type === 'object') return { 'of a text': ['x', bad(`${field} must be an object of texts`)] };
  if (field === 'properties') return { 'of one key': ['x', bad(`${field} must be a list of keys`)] };
  if (field === 'usernames' && place === 'path') {
    return { 'with a space': ['a b', bad(`${field} must be a username`)] };
  }
  if (type === 'array') {
    return {
      'of one name': ['u1', bad(`${field} must be a list of usernames`)],
      'with a space': [['a b'], bad(`${field} must be a username`)],
    };
  }
  if (type === 'boolean') return { 'of a text': ['true', bad(`${field} must be a boolean`)] };
  if (type === 'integer') {
    const expected = bad(`${field} must be a number from ${minimum}`);
    return { 'of a text': ['x', expected], negative: [-1, expected], 'with a fraction': ['1.5', expected] };
  }
  return {
    'too long': ['x'.repeat(maxLength + 1), bad(`${field} length is too big`)],
    ...(place === 'body' ? { 'of a number': [7, bad(`${field} must be a string`)] } : {}),
  };
}

const textOf = (value: Value): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function request({ methods, path, input, contentType }: OperationInfo, values: Values, signed: boolean) {
  const given = Object.entries(values);
  const placed = (place: string) => given.filter(([name]) => input[name]?.in === place);
  const search = new URLSearchParams(placed('query').map(([name, value]): [string, string] => [name, textOf(value)]));
  const at = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(textOf(values[name] ?? 'x')));
  const body = Object.fromEntries(placed('body').filter(([name]) => signed || name !== 'client_secret'));
  return {
    method: methods[0]!,
    path: search.size === 0 ? at : `${at}?${search.toString()}`,
    headers: (signed ? { Authorization: `Bearer ${tokenOf(settings)}` } : {}) as Readonly<Record<string, string>>,
    body: contentType === undefined ? '' : JSON.stringify(body),
  };
}

/** Every row of this dialect, in the shape of Agora's paths. Its fields are tested by their schemas. */
export const agora: DialectCases = {
  dialect,
  settings,
  valid: (groupId, unused, row) =>
    Object.fromEntries(
      Object.keys(row.input)
        .filter((field) => row.name !== 'change' || !OTHER_SHAPE.includes(field))
        .map((field) => [field, validValue(row, field, groupId, unused)]),
    ),
  request,
  withoutCredentials: ({ name }) =>
    name === 'token' ? error('unauthorized', 'Unable to authenticate (OAuth)') : error('noToken', 'token is blank!'),
  missing: (field) =>
    field === 'announcement' ? error('illegal', 'announcement is null') : bad(`${field} must be provided`),
  wrong,
  refused: (_code, message) => bad(message),
  bodies: {
    tooMany: ({ limits: { maxFields } }) => ({
      body: JSON.stringify({ list: Array(maxFields).fill(0) }),
      expected: bad(`the body has more than ${maxFields} values`),
    }),
    bytes: (field, bytes) => Buffer.concat([Buffer.from(`{"${field}":"`), bytes, Buffer.from('"}')]),
  },
  rows: Object.fromEntries(
    dialect.operations.map(({ name, input }) => [
      name,
      OTHERS[name] ?? ('group_id' in input ? gone : 'names no group'),
    ]),
  ),
};

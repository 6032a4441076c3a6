import { lanying as dialect } from '../../../apps/gateway/src/dialects/lanying/dialect';
import { TEXTS, type VendorCode } from '../../../apps/gateway/src/dialects/lanying/errors';
import type { OperationInfo } from '../../../apps/gateway/src/dialect/operation';
import { userHeaders } from '../../support/lanying';
import { textOf } from './world';
import type { DialectCases, Expected, RowCases, Value, Values, Wrong } from '../cases';
import { ROWS } from './rows';

const settings = { appId: 'rows-app', secret: 'rows-secret' };

const error = (code: VendorCode, message: string = TEXTS[code]): Expected => ({ status: 200, body: { code, message } });
const notGiven = error(20001);
/** Every operation on a group but a few answers so. */
const gone: RowCases = { unknownGroup: () => notGiven, dismissedGroup: () => notGiven };

interface Described {
  readonly type?: string;
  readonly format?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
}
const schemaOf = (row: OperationInfo, field: string): Described => row.input[field]!.schema as Described;

function validValue(row: OperationInfo, field: string, groupId: string, unused: string): Value {
  if (field === 'group_id') return Number(groupId);
  if (field === 'group_list') return [Number(groupId)];
  const { type, minimum } = schemaOf(row, field);
  switch (type) {
    case 'array':
      return [Number(unused)];
    case 'boolean':
      return true;
    case 'integer':
      return minimum ?? Number(unused);
    case 'string':
    case undefined:
    default:
      return 'text';
  }
}

/** The error for a field that is missing: it says where the field belongs. */
export const missing = (field: string, row: OperationInfo) =>
  error(10002, `${field} is required${row.input[field]!.in === 'body' ? '' : ' in the query string'}`);

/** Fields, and rows with one text, that may have several lines. */
const WITH_LINES = ['content', 'description', 'changeDescription', 'changeExt'];

/** Wrong values of a field, as its schema describes it. */
export function wrong(field: string, row: OperationInfo): Wrong {
  const { type, format, maxLength, minimum, maximum, description = '' } = schemaOf(row, field);
  const inBody = row.input[field]!.in === 'body';
  const bad = (why: string) => error(10002, `${field} ${why}`);
  if (type === 'array') {
    const expected = bad('must be a list of numbers');
    return {
      'of one number': [7, expected],
      'with a text': [['x'], expected],
      'with a negative number': [[-1], expected],
      ...(row.input[field]!.required ? { empty: [[], bad('is required')] as const } : {}),
    };
  }
  if (type === 'boolean') {
    const expected = bad('must be true or false');
    return { 'of a number': [1, expected], 'of a text': ['true', expected] };
  }
  if (type === 'integer') {
    const expected = bad(
      description.startsWith('minutes')
        ? 'must be a number of minutes, or -1'
        : format === 'int64'
          ? 'must be a number'
          : maximum === undefined
            ? `must be a number from ${minimum}`
            : `must be a number from ${minimum} to ${maximum}`,
    );
    return {
      'of a text': ['x', expected],
      'with a fraction': ['1.5', expected],
      'far too small': [-2, field === 'msg_push_mode' ? error(20003) : expected],
      ...(inBody ? { 'of a flag': [true, expected] } : {}),
    };
  }
  const max = maxLength ?? 0;
  const hasLines = [field, row.name].some((name) => WITH_LINES.includes(name));
  return {
    'too long': ['x'.repeat(max + 1), bad(`is longer than ${max} characters`)],
    'with a control character': [
      'a\u0000',
      bad(
        hasLines
          ? 'must not contain control characters but line breaks and tabs'
          : 'must be one line without control characters',
      ),
    ],
    ...(inBody ? { 'of a number': [7, bad('must be a text')] } : {}),
  };
}

function request({ methods, path, input, contentType }: OperationInfo, values: Values, signed: boolean) {
  const given = Object.entries(values);
  const query = new URLSearchParams();
  for (const [name, value] of given) if (input[name]?.in === 'query') query.append(name, textOf(value));
  const body = Object.fromEntries(given.filter(([name]) => input[name]?.in === 'body'));
  const search = query.toString();
  return {
    method: methods[0]!,
    path: search === '' ? path : `${path}?${search}`,
    headers: signed ? userHeaders(settings, 1) : { app_id: settings.appId },
    body: contentType === undefined ? '' : JSON.stringify(body),
  };
}

/** Every row of this dialect. Its fields are tested by their schemas; `rows.ts` lists the rows that answer otherwise. */
export const lanying: DialectCases = {
  dialect,
  settings,
  valid: (groupId, unused, row) =>
    Object.fromEntries(Object.keys(row.input).map((field) => [field, validValue(row, field, groupId, unused)])),
  request,
  withoutCredentials: ({ name }) => {
    const open = ROWS[name]?.withoutToken;
    return open === undefined ? error(10003) : { status: 200, body: open };
  },
  missing,
  wrong,
  refused: (_code, message) => error(10002, message),
  bodies: {
    tooMany: ({ limits: { maxFields } }) => ({
      body: JSON.stringify({ list: Array(maxFields).fill(0) }),
      expected: error(10002, `the body has more than ${maxFields} values`),
    }),
    bytes: (field, bytes) => Buffer.concat([Buffer.from(`{"${field}":"`), bytes, Buffer.from('"}')]),
  },
  rows: Object.fromEntries(
    dialect.operations.map(({ name }) => {
      const row = ROWS[name];
      return [name, row?.onGroup ?? gone];
    }),
  ),
};

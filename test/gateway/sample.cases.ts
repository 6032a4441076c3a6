import { SAMPLE, sample as dialect } from '../../apps/gateway/src/dialect/testing/sample';
import type { DialectCases, Expected, Values, Wrong } from './cases';

const error = (status: number, name: string, message: string): Expected => ({
  status,
  body: { error: name, error_description: message },
});
const notAnId = (field: string) => error(400, 'invalid_parameter', `${field} must be an id`);
const wrongId = (field: string) => ({ 'too long': ['x'.repeat(65), notAnId(field)] }) as const;
const notWhole = (field: string) => {
  const expected = error(400, 'invalid_parameter', `${field} must be a whole number from 1 to 1000`);
  const texts = ['0', '-1', '1001', '0x10', '1e2', ' 5', '5.0', 'true', '', '9'.repeat(30)];
  return Object.fromEntries(texts.map((value) => [`"${value}"`, [value, expected] as const]));
};
const text = (value: Values[string] | undefined): string => (typeof value === 'string' ? value : '');

const WRONG: Readonly<Record<string, Wrong>> = {
  org: { 'of no tenant': ['nobody', error(401, 'unauthorized', 'Unable to authenticate')] },
  ...Object.fromEntries(['group_id', 'user_id', 'name', 'owner'].map((field) => [field, wrongId(field)])),
  capacity: notWhole('capacity'),
  limit: notWhole('limit'),
};

/** The dialect that exists for tests only: parameters in paths, JSON bodies, a bearer token. */
export const sample: DialectCases = {
  dialect,
  settings: SAMPLE,
  valid: (groupId, unused) => ({
    org: SAMPLE.org,
    group_id: groupId,
    user_id: `user ${unused}`,
    name: 'Sales',
    owner: `owner ${unused}`,
    capacity: '100',
    limit: '2',
  }),
  request: ({ methods, path, contentType }, values, signed) => ({
    method: methods[0]!,
    path:
      path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(text(values[name]))) +
      ('limit' in values ? `?limit=${encodeURIComponent(text(values.limit))}` : ''),
    headers: Object.fromEntries(signed ? [['Authorization', `Bearer ${SAMPLE.token}`]] : []),
    body: contentType ? JSON.stringify(values) : '',
  }),
  withoutCredentials: error(401, 'unauthorized', 'Unable to authenticate'),
  missing: notAnId,
  wrong: (field) => WRONG[field] ?? {},
  refused: (code, message) => error(code === 'TOO_LARGE' ? 413 : 400, code.toLowerCase(), message),
  bodies: {
    tooMany: ({ limits: { maxFields } }) => ({
      body: JSON.stringify({ list: Array(maxFields).fill(0) }),
      expected: error(400, 'validation_failed', `the body has more than ${maxFields} values`),
    }),
    bytes: (field, bytes) => Buffer.concat([Buffer.from(`{"${field}":"`), bytes, Buffer.from('"}')]),
  },
  rows: {
    create: 'names no group',
    group: {
      unknownGroup: (groupId) => error(404, 'group_not_found', `There is no group ${groupId}.`),
      dismissedGroup: () => ({ status: 200, body: { data: { name: 'n', owner: 'o' } } }),
    },
    members: {
      unknownGroup: (groupId) => error(404, 'group_not_found', `There is no group ${groupId}.`),
      dismissedGroup: (_message, groupId) => error(404, 'group_dismissed', `Group ${groupId} was dismissed.`),
    },
    kick: {
      unknownGroup: () => error(404, 'group_not_found', 'There is no group with this id.'),
      dismissedGroup: (message) => error(404, 'group_dismissed', message),
    },
  },
};

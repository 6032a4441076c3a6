import { SAMPLE, sample as dialect } from '../../apps/gateway/src/dialect/testing/sample';
import type { DialectCases, Expected, Values } from './cases';
import { send } from './http';

const error = (status: number, name: string, message: string): Expected => ({
  status,
  body: { error: name, error_description: message },
});
const notAnId = (field: string) => error(400, 'invalid_parameter', `${field} must be an id`);
const wrongId = (field: string) => ({ 'too long': ['x'.repeat(65), notAnId(field)] }) as const;
const text = (value: Values[string] | undefined): string => (typeof value === 'string' ? value : '');

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
  }),
  send: (url, { methods, path, contentType }, values, signed) => {
    const target = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(text(values[name])));
    const headers = signed ? { Authorization: `Bearer ${SAMPLE.token}` } : undefined;
    return send(`${url}${target}`, methods[0]!, headers ?? {}, contentType ? JSON.stringify(values) : '');
  },
  withoutCredentials: error(401, 'unauthorized', 'Unable to authenticate'),
  missing: notAnId,
  wrong: {
    org: { 'of no tenant': ['nobody', error(401, 'unauthorized', 'Unable to authenticate')] },
    ...Object.fromEntries(['group_id', 'user_id', 'name', 'owner'].map((field) => [field, wrongId(field)])),
  },
  rows: {
    create: 'names no group',
    group: {
      unknownGroup: (groupId) => error(404, 'group_not_found', `There is no group ${groupId}.`),
      dismissedGroup: () => ({ status: 200, body: { data: { name: 'n', owner: 'o' } } }),
    },
    kick: {
      unknownGroup: () => error(404, 'group_not_found', 'There is no group with this id.'),
      dismissedGroup: (message) => error(404, 'group_dismissed', message),
    },
  },
};

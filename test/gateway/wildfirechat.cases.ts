import { wildfirechat as dialect } from '../../apps/gateway/src/dialects/wildfirechat/dialect';
import { TEXTS, type VendorCode } from '../../apps/gateway/src/dialects/wildfirechat/errors';
import { signed } from '../support/wildfirechat';
import type { DialectCases, Expected, RowCases, Value, Values, Wrong } from './cases';

const settings = { secret: 'rows-secret' };
const error = (code: VendorCode): Expected => ({ status: 200, body: { code, msg: TEXTS[code] } });
const done: Expected = { status: 200, body: { code: 0, msg: 'success' } };
const crash: Expected = { status: 500, body: '' };
const invalid = error(251);
const gone: RowCases = { unknownGroup: () => error(253), dismissedGroup: () => error(253) };
const none: Expected = { status: 200, body: { code: 0, msg: 'success', result: { groupInfoList: [] } } };

const wrongId: Wrong = { 'too long': ['x'.repeat(65), invalid], 'of a flag': [true, invalid] };
const wrongIds: Wrong = { 'with too long an id': [['x'.repeat(65)], invalid], 'with a flag': [[true], invalid] };
const json = (value: unknown): Value => value as Value;
const WRONG: Readonly<Record<string, Wrong>> = {
  group: {
    'of a text': ['x', crash],
    'whose name has two lines': [json({ group_info: { name: 'a\nb' } }), invalid],
    'with an unknown type': [json({ group_info: { name: 'n', type: 4 } }), error(2)],
  },
  members: wrongIds,
  ids: wrongIds,
  type: { 'too large': [10, invalid] },
  value: { 'of a flag': [true, invalid] },
  alias: { 'too long': ['x'.repeat(65), invalid] },
  extra: { 'too long': ['x'.repeat(1_025), invalid] },
  member_extra: { 'too long': ['x'.repeat(1_025), invalid] },
  memberExtra: { 'too long': ['x'.repeat(1_025), invalid] },
  is_manager: { 'of a text': ['x', invalid] },
  groupMemberTypes: { 'too large': [[6], invalid] },
  to_lines: { 'of a text': ['x', invalid], 'below 0': [[-1], invalid] },
  notify_message: { 'of a text': ['x', invalid] },
};

/** Every row of this dialect. */
export const wildfirechat: DialectCases = {
  dialect,
  settings,
  valid: (groupId, unused, { name }) => ({
    ...{
      operator: 'o',
      group_id: groupId,
      groupId,
      new_owner: `user ${unused}`,
      memberId: 'm',
      userId: `user ${unused}`,
    },
    ...{ first: 'a', second: 'b', type: 0, value: 'Sales', alias: 'A', extra: 'e', is_manager: true, ids: [groupId] },
    ...{ groupMemberTypes: [0], to_lines: [0], member_extra: '', memberExtra: '', notify_message: json({ type: 1 }) },
    group: json({ group_info: { name: 'Sales', owner: `owner ${unused}` } }),
    members: name === 'member/add' ? json([{ member_id: `user ${unused}` }]) : [`user ${unused}`],
  }),
  request: ({ name, methods, path, contentType }, values: Values, withCredentials) => ({
    method: methods[0]!,
    path,
    headers: withCredentials ? signed(settings.secret) : {},
    body:
      contentType === undefined
        ? ''
        : name === 'batch_infos'
          ? (JSON.stringify(values.ids) ?? '')
          : JSON.stringify(values),
  }),
  withoutCredentials: ({ name }) => {
    const { status, body } = error(239);
    return name === 'health' ? done : { status, body: { ...(body as object), result: body } };
  },
  missing: (field) => (field === 'ids' || field === 'group' ? crash : invalid),
  wrong: (field) => WRONG[field] ?? wrongId,
  // A query string that isn't UTF-8 is no fault of the body.
  refused: (code, message) => (code === 'TOO_LARGE' || message === 'x is not UTF-8' ? invalid : crash),
  bodies: {
    tooMany: ({ name, limits: { maxFields } }) => {
      const list = Array(maxFields + 1).fill(0);
      return { body: JSON.stringify(name === 'batch_infos' ? list : { list }), expected: crash };
    },
    bytes: (field, bytes) =>
      field === 'ids'
        ? Buffer.concat([Buffer.from('["'), bytes, Buffer.from('"]')])
        : Buffer.concat([Buffer.from(`{"${field}":"`), bytes, Buffer.from('"}')]),
  },
  rows: {
    create: 'names no group',
    del: gone,
    get_info: gone,
    batch_infos: { unknownGroup: () => none, dismissedGroup: () => none },
    transfer: gone,
    modify: gone,
    'member/list': gone,
    'member/get': gone,
    'member/add': gone,
    'member/del': gone,
    'member/quit': gone,
    'member/set_alias': gone,
    'member/set_extra': gone,
    'manager/set': gone,
    'manager/mute': gone,
    'manager/allow': gone,
    of_user: 'names no group',
    of_user_by_type: 'names no group',
    common_group: 'names no group',
    health: 'names no group',
  },
};

import { rongcloud as dialect } from '../../apps/gateway/src/dialects/rongcloud/dialect';
import { signed } from '../support/rongcloud';
import type { DialectCases, Expected, Values, Wrong } from './cases';

const form = (values: Values): string => {
  const fields = new URLSearchParams();
  for (const [field, value] of Object.entries(values)) {
    if (Array.isArray(value)) for (const one of value) fields.append(field, String(one));
    else if (typeof value !== 'object') fields.append(field, String(value));
    else for (const [key, one] of Object.entries(value)) fields.append(`${field}[${key}]`, String(one));
  }
  return fields.toString();
};

const done: Expected = { status: 200, body: { code: 200 } };
const error = (status: number, code: number, errorMessage: string): Expected => ({
  status,
  body: { code, errorMessage },
});
const settings = { appKey: 'rows-key', appSecret: 'rows-secret' };

const tooLong = (field: string, written = field) =>
  ({ 'too long': ['x'.repeat(65), error(400, 1005, `${written} is longer than 64 characters`)] }) as const;
const control = (field: string) =>
  ({
    'with a control character': ['a\u0000', error(400, 1002, `${field} must not contain control characters`)],
  }) as const;

const notOneLine = (field: string) => error(400, 1002, `${field} must be one line without control characters`);

/** The vendor reports success where nothing is left to change. */
const lenient = { unknownGroup: () => done, dismissedGroup: () => done };
/** An unknown group is created; a dismissed one stays dismissed. */
const creating = { unknownGroup: () => done, dismissedGroup: (message: string) => error(400, 1002, message) };
const empty = (list: string) => {
  const none: Expected = { status: 200, body: { code: 200, [list]: [] } };
  return { unknownGroup: () => none, dismissedGroup: () => none };
};

const notMinutes = error(400, 1002, 'minute must be a whole number from 0 to 43200');

const noRemark: Expected = { status: 200, body: { code: 200, remark: '' } };
const notCounted = (field: string) =>
  ({ 'that is 0': [0, error(400, 1002, `${field} must be a whole number from 1 to 2147483647`)] }) as const;

const MESSAGE = [
  ...['fromUserId', 'objectName', 'content', 'pushContent', 'pushData', 'pushExt'],
  ...['isIncludeSender', 'isPersisted', 'disableUpdateLastMsg'],
];
const tooLongForNotice = (field: string): Wrong => ({
  'too long': ['x'.repeat(16_385), error(400, 1005, `${field} is longer than 16384 characters`)],
});

const WRONG: Readonly<Record<string, Wrong>> = {
  groupId: { ...tooLong('groupId'), ...control('groupId') },
  groupName: { ...tooLong('groupName'), 'of two lines': ['a\nb', notOneLine('groupName')] },
  userId: { ...tooLong('userId'), ...control('userId') },
  remark: { ...tooLong('remark'), 'of two lines': ['a\nb', notOneLine('remark')] },
  ...Object.fromEntries(MESSAGE.map((field) => [field, tooLongForNotice(field)])),
  bindNotifyMsg: { 'that is neither': ['maybe', error(400, 1002, 'bindNotifyMsg must be true or false')] },
  page: notCounted('page'),
  size: notCounted('size'),
  minute: {
    'that is no number': ['soon', notMinutes],
    'below 0': [-1, notMinutes],
    'over 30 days': [43_201, notMinutes],
  },
  group: {
    'without a name': [{ g: '' }, error(400, 1002, 'group[g] is required')],
    'with too long a name': [{ g: 'x'.repeat(65) }, error(400, 1005, 'group[g] is longer than 64 characters')],
    'with too long an id': [{ ['x'.repeat(65)]: 'n' }, error(400, 1005, 'groupId is longer than 64 characters')],
    'with a name of two lines': [{ g: 'a\u2028b' }, notOneLine('group[g]')],
    'without an id': [{ '': 'n' }, error(400, 1002, 'groupId is required')],
  },
};

export const rongcloud: DialectCases = {
  dialect,
  settings,
  valid: (groupId, unused) => ({
    groupId,
    groupName: 'Sales',
    userId: `user ${unused}`,
    group: { [groupId]: 'Sales' },
    minute: 1,
    remark: 'Ann',
    ...Object.fromEntries(MESSAGE.map((field) => [field, '1'])),
    bindNotifyMsg: true,
    page: 1,
    size: 50,
  }),
  request: ({ methods, path }, values, withCredentials) => ({
    method: methods[0]!,
    path,
    headers: withCredentials ? signed(settings) : {},
    body: form(values),
  }),
  withoutCredentials: error(401, 1001, 'App-Key is required'),
  missing: (field) => error(400, 1002, `${field} is required`),
  wrong: (field) => WRONG[field] ?? {},
  refused: (code, message) => error(400, code === 'TOO_LARGE' ? 1508 : 1002, message),
  bodies: {
    tooMany: ({ limits: { maxFields, lists } }) => {
      const [[list, max] = [undefined, maxFields]] = Object.entries(lists);
      const field = list === 'group' ? 'group%5Bg%5D=&' : list === undefined ? 'x&' : `${list}=u&`;
      const message =
        list === undefined
          ? `the body has more than ${maxFields} fields`
          : `${list} is given ${maxFields} times, at most ${max} are allowed`;
      return { body: field.repeat(maxFields), expected: error(400, 1502, message) };
    },
    bytes: (field, bytes) => {
      const name = field === 'group' ? 'group[g]' : field;
      const encoded = bytes.toString('hex').replace(/../g, '%$&');
      return Buffer.from(`${name}=${encoded}`);
    },
  },
  rows: {
    sync: lenient,
    userGroups: empty('groups'),
    create: creating,
    dismiss: lenient,
    refresh: lenient,
    join: creating,
    quit: lenient,
    members: empty('users'),
    mute: lenient,
    unmute: lenient,
    muted: empty('users'),
    muteGroups: lenient,
    unmuteGroups: lenient,
    mutedGroups: empty('groupinfo'),
    allow: lenient,
    disallow: lenient,
    allowed: empty('userIds'),
    setRemark: lenient,
    deleteRemark: lenient,
    remark: { unknownGroup: () => noRemark, dismissedGroup: () => noRemark },
  },
};

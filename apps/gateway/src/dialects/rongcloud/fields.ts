import { codePoints, isId, isLine, LIMITS, NOTICE, type SyncedGroup } from '@cohort/contracts';
import type { Call } from '../../dialect/call';
import type { Field, Schema } from '../../dialect/fields';
import type { Form } from '../../dialect/form';
import { wholeNumber } from '../../dialect/numbers';
import { RongCloudError, tooMany } from './errors';
import type { RongCloudSettings } from './settings';

/** Bytes of an id or a name as it is written: 64 characters of four bytes, percent-encoded. */
const WRITTEN = 64 * 4 * 3;

/** A call of this dialect: a form, in which a repeated field is a list, and `group[<id>]=<name>` is a map. */
export type FormCall = Pick<Call<RongCloudSettings, Form>, 'body' | 'tenant'>;
type FormField<T> = Field<T, FormCall>;

/** The Node SDK sends the text `undefined` for a field that its caller left out. */
const MISSING = ['', 'undefined'];

const lengths = ({ tenant }: FormCall) =>
  tenant.settings.strict ? { groupId: 30, name: 60, userId: 64 } : { groupId: 64, name: 64, userId: 64 };

const TEXT: Schema = { type: 'string', minLength: 1, maxLength: 64 };

/** A field of the form. Readers name the field in their error: required or malformed 1002, too long 1005, too many 1502. */
const field = <T>(schema: Schema, read: FormField<T>['read']): FormField<T> => ({
  in: 'body',
  required: true,
  schema,
  read,
});

export const groupId = field(TEXT, (call, name) => id(name, required(name, text(call, name)), lengths(call).groupId));

export const userId = field(TEXT, (call, name) => id(name, required(name, text(call, name)), lengths(call).userId));

export const groupName = field(TEXT, (call, name) => line(name, required(name, text(call, name)), lengths(call).name));

const optional = <T>(of: FormField<T>): FormField<T | undefined> => ({
  ...of,
  required: false,
  read: (call, name) => (text(call, name) === undefined ? undefined : of.read(call, name)),
});

export const optionalGroupId = optional(groupId);
export const optionalGroupName = optional(groupName);

/** The users or groups of a call, at least one, each once. */
const ids = (
  of: 'userId' | 'groupId',
  atMost: number,
  description: string,
  max: (settings: RongCloudSettings) => number = () => atMost,
) => ({
  ...field<string[]>({ type: 'array', items: TEXT, minItems: 1, maxItems: atMost, description }, (call, name) => {
    const found = [...new Set(call.body.getAll(name).filter(isGiven))];
    required(name, found[0]);
    notMore(name, found.length, max(call.tenant.settings));
    return found.map((one) => id(name, one, lengths(call)[of]));
  }),
  many: { atMost, bytes: `${of}=&`.length + WRITTEN },
});

/** The first users of a group. */
export const firstUserIds = ids('userId', LIMITS.createMembers, '1 to 3,000');

/** The users of a join or a quit. */
export const fewUserIds = ids('userId', LIMITS.usersPerCommand, '1 to 1,000', ({ usersPerCall }) => usersPerCall);

/** Users or groups that one call mutes, or lets speak. */
const MOST_MUTED = 20;
export const mutedUserIds = ids('userId', MOST_MUTED, '1 to 20');
export const mutedGroupIds = ids('groupId', MOST_MUTED, '1 to 20');
export const optionalGroupIds = optional(mutedGroupIds);

const whole = (least: number, most: number) =>
  field({ type: 'integer', minimum: least, maximum: most }, (call, name) => {
    const given = wholeNumber(required(name, text(call, name)));
    if (given === undefined || given < least || given > most) {
      throw new RongCloudError(1002, `${name} must be a whole number from ${least} to ${most}`);
    }
    return given;
  });

/** Minutes of a mute, up to 30 days; 0: for ever. */
export const minute = whole(0, 30 * 24 * 60);

/** A field of the message that goes with a change. */
export const noticeText: FormField<string | undefined> = optional(
  field({ type: 'string', maxLength: NOTICE.payloadBytes }, (call, name) => {
    const given = required(name, text(call, name));
    if (given.length > NOTICE.payloadBytes) {
      throw new RongCloudError(1005, `${name} is longer than ${NOTICE.payloadBytes} characters`);
    }
    return given;
  }),
);

/** Whether a message goes with a change; not, if it is missing. */
export const noticeFlag: FormField<boolean> = {
  ...field({ type: 'boolean' }, (call, name) => {
    const given = text(call, name) ?? 'false';
    if (given !== 'true' && given !== 'false') throw new RongCloudError(1002, `${name} must be true or false`);
    return given === 'true';
  }),
  required: false,
};

/** A page, counted from 1, and its entries. */
export const page = optional(whole(1, 2 ** 31 - 1));
export const size = optional({
  ...whole(1, 2 ** 31 - 1),
  schema: { type: 'integer', minimum: 1, description: 'more than 200 count as 200' },
});

/** A member's name in the group. */
export const remark = field(TEXT, (call, name) => line(name, required(name, text(call, name)), LIMITS.displayName));

/** The groups of a sync; an empty list is valid. If a group is given twice, its last name holds. */
export const groups: FormField<SyncedGroup[]> = {
  ...field({ type: 'object', additionalProperties: TEXT, maxProperties: LIMITS.syncGroups }, (call, name) => {
    const given = [...call.body].filter(([key]) => key.startsWith('group[') && key.endsWith(']'));
    notMore(name, new Set(given.map(([key]) => key)).size, LIMITS.syncGroups);
    const found = new Map<string, string>();
    for (const [key, value] of given) {
      const groupId = id('groupId', required('groupId', key.slice('group['.length, -1)), lengths(call).groupId);
      found.set(groupId, line(key, required(key, isGiven(value) ? value : undefined), lengths(call).name));
    }
    return [...found].map(([groupId, groupName]) => ({ groupId, name: groupName }));
  }),
  required: false,
  many: { atMost: LIMITS.syncGroups, bytes: 'group%5B%5D=&'.length + 2 * WRITTEN },
  written: 'group[<id>]=<name>',
};

const isGiven = (value: string): boolean => !MISSING.includes(value);

const text = ({ body }: FormCall, name: string): string | undefined => body.getAll(name).find(isGiven);

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new RongCloudError(1002, `${name} is required`);
  return value;
}

function id(name: string, value: string, max: number): string {
  notLonger(name, value, max);
  if (!isId(value)) throw new RongCloudError(1002, `${name} must not contain control characters`);
  return value;
}

function line(name: string, value: string, max: number): string {
  notLonger(name, value, max);
  if (!isLine(value, max)) throw new RongCloudError(1002, `${name} must be one line without control characters`);
  return value;
}

function notLonger(name: string, value: string, max: number): void {
  // A code point has one or two units, so a long text isn't counted.
  if (value.length > 2 * max || codePoints(value) > max)
    throw new RongCloudError(1005, `${name} is longer than ${max} characters`);
}

function notMore(name: string, count: number, max: number): void {
  if (count > max) throw tooMany.items(name, count, max);
}

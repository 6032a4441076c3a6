import { CohortError, isLine, LIMITS } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { AgoraError, badField } from '../errors';
import { body, group, inPath, user, userNames, type Kind } from '../fields';
import { operation } from '../operation';
import { profilesOf } from '../results';

/** The vendor's limits of a member's data, in bytes of UTF-8. */
const MOST_BYTES = { key: 16, value: 512, all: 4 * 1_024 };
/** Members whose data one call returns. */
const TARGETS = 10;

type Texts = Readonly<Record<string, string>>;

const tooBig = (what: string): AgoraError =>
  new AgoraError('metadata', `exceeds chatgroup user metadata ${what} limit`);
const isNotIn = (): AgoraError => new AgoraError('notInGroup', 'user not in group');

function textOf(name: string, key: string, value: unknown): string {
  if (typeof value !== 'string') throw badField(`${name} must be an object of texts`);
  if (!isLine(key, Infinity)) throw badField(`${name} must have keys of one line`);
  if (Buffer.byteLength(key) > MOST_BYTES.key) throw tooBig('single key');
  if (Buffer.byteLength(value) > MOST_BYTES.value) throw tooBig('single value');
  return value;
}

/** Texts by key. An empty text removes its key. */
const metaData: Kind<Texts> = {
  schema: { type: 'object', additionalProperties: { type: 'string' } },
  read: (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw badField(`${name} must be an object of texts`);
    const entries = Object.entries(value);
    if (entries.length > LIMITS.extraKeys) throw tooBig('keys');
    return Object.fromEntries(entries.map(([key, text]) => [key, textOf(name, key, text)]));
  },
};

/** Keys of attributes; an empty list counts as absent. */
const keys: Kind<string[]> = {
  schema: { type: 'array', items: { type: 'string' }, maxItems: LIMITS.extraKeys },
  many: { atMost: LIMITS.extraKeys, bytes: LIMITS.extraKey * 12 },
  read: (value, name) => {
    if (!Array.isArray(value) || !value.every((key) => typeof key === 'string'))
      throw badField(`${name} must be a list of keys`);
    return value;
  },
};

async function setAll(as: Caller, groupId: string, userId: string, sent: Texts): Promise<void> {
  const { profiles } = await profilesOf(as, groupId, [userId]);
  const merged = Object.entries({ ...profiles[0]?.extra, ...sent }).filter(([, text]) => text !== '');
  const size = merged.reduce((sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text), 0);
  if (size > MOST_BYTES.all) throw tooBig('size');
  const set = Object.entries(sent).flatMap(([key, text]) => (text === '' ? [] : [{ key, text }]));
  const remove = Object.keys(sent).filter((key) => sent[key] === '');
  try {
    await as.command('setMemberExtra', { groupId, userId, set, remove });
  } catch (error) {
    if (!(error instanceof CohortError)) throw error;
    if (error.code === 'NOT_A_MEMBER') throw isNotIn();
    throw error.code === 'EXTRA_KEYS_REACHED' ? tooBig('keys') : error;
  }
}

const TEXTS = { schema: { type: 'object', additionalProperties: { type: 'string' } }, example: { nick: 'Ann' } };

/** The data that a member has of their own in a group. */
export const attributes = [
  operation('setAttributes', 'PUT', '/metadata/chatgroup/{group_id}/user/{username}', {
    source: 'SDKs',
    summary: "sets keys of a member's own data; an empty text removes its key. By the member, an admin or the app",
    access: 'anyone',
    input: { group_id: inPath(group), username: inPath(user), metaData: body.required(metaData) },
    does: async ({ as, input: { group_id: groupId, username: userId, metaData: data } }) => {
      await setAll(as, groupId, userId, data);
      return { data, form: 'metadata' };
    },
    data: TEXTS,
  }),

  operation('attributes', 'GET', '/metadata/chatgroup/{group_id}/user/{username}', {
    source: 'SDKs',
    summary: "returns a member's own data",
    access: 'member',
    input: { group_id: inPath(group), username: inPath(user) },
    does: async ({ as, input: { group_id: groupId, username: userId } }) => {
      const { profiles } = await profilesOf(as, groupId, [userId]);
      if (!profiles[0]) throw isNotIn();
      return { data: profiles[0].extra, form: 'metadata' };
    },
    data: TEXTS,
  }),

  operation('attributesOfMembers', 'POST', '/metadata/chatgroup/{group_id}/get', {
    source: 'SDKs',
    summary: `returns the own data of up to ${TARGETS} members: these keys, or all; users who aren't members are left out`,
    access: 'member',
    input: {
      group_id: inPath(group),
      targets: body.required(targets()),
      properties: body.optional(keys),
    },
    does: async ({ as, input: { group_id: groupId, targets: userIds, properties = [] } }) => {
      const { profiles } = await profilesOf(as, groupId, userIds);
      const isAsked = (key: string) => properties.length === 0 || properties.includes(key);
      const data = Object.fromEntries(
        profiles.map(({ userId, extra }) => [
          userId,
          Object.fromEntries(Object.entries(extra).filter(([key]) => isAsked(key))),
        ]),
      );
      return { data, form: 'metadata' };
    },
    data: { schema: { type: 'object' }, example: { u2: { nick: 'Ann' } } },
  }),
];

/** More of them have an error of their own. */
function targets(): Kind<string[]> {
  const kind = userNames(TARGETS);
  return {
    ...kind,
    read: (value, name, shape) => {
      if (Array.isArray(value) && value.length > TARGETS)
        throw new AgoraError('metadata', 'query param reaches limit.');
      return kind.read(value, name, shape);
    },
  };
}

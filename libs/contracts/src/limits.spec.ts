import { TENANT_DEFAULTS } from './apps';
import { COMMANDS } from './registry';
import { parseDto } from './validation';

const base = { app: 'demo', actor: { type: 'service' }, groupId: 'g' };
/** So many code points, each of two UTF-16 units and four bytes. */
const text = (length: number) => '😀'.repeat(length);
const ids = (count: number) => Array.from({ length: count }, (_, i) => `u${i}`);
const entries = (count: number, key = 1, value = 1) =>
  Array.from({ length: count }, (_, i) => ({ key: `${'k'.repeat(key)}${i}`.slice(-key), text: text(value) }));

type Command = keyof typeof COMMANDS;

/** Accepts the fields, or names the field that it refuses. */
function parsed(name: Command, fields: object): string | undefined {
  try {
    parseDto(COMMANDS[name].dto as never, { ...base, ...fields });
    return undefined;
  } catch (error) {
    const { details } = error as { details?: { fields?: readonly { field: string }[] } };
    return details?.fields?.[0]?.field ?? String(error);
  }
}

const file = { name: 'a', size: 1, type: 't', url: 'https://example.org/a' };

test.each<[Command, string, number, (length: number) => object]>([
  ['create', 'groupId', 64, (n) => ({ groupId: text(n), name: 'G', owner: 'o' })],
  ['create', 'owner', 64, (n) => ({ name: 'G', owner: text(n) })],
  ['create', 'name', 256, (n) => ({ name: text(n), owner: 'o' })],
  ['create', 'description', 4_096, (n) => ({ name: 'G', owner: 'o', description: text(n) })],
  ['create', 'avatar', 2_048, (n) => ({ name: 'G', owner: 'o', avatar: text(n) })],
  ['create', 'ext', 16_384, (n) => ({ name: 'G', owner: 'o', ext: text(n) })],
  ['create', 'members', 3_000, (n) => ({ name: 'G', owner: 'o', members: ids(n) })],
  ['create', 'capacity', 1_000_000, (n) => ({ name: 'G', owner: 'o', capacity: n })],
  ['addMembers', 'userIds', 1_000, (n) => ({ userIds: ids(n) })],
  ['changeCapacity', 'capacity', 1_000_000, (n) => ({ capacity: n })],
  ['postAnnouncement', 'title', 512, (n) => ({ title: text(n), content: 'C' })],
  ['postAnnouncement', 'content', 4_096, (n) => ({ title: 'T', content: text(n) })],
  ['shareFile', 'name', 256, (n) => ({ ...file, name: text(n) })],
  ['shareFile', 'type', 128, (n) => ({ ...file, type: text(n) })],
  ['shareFile', 'url', 2_048, (n) => ({ ...file, url: text(n) })],
  ['removeFiles', 'fileIds', 100, (n) => ({ fileIds: ids(n).map((_, i) => String(i + 1)) })],
  ['apply', 'reason', 512, (n) => ({ userId: 'u', reason: text(n) })],
  ['invite', 'reason', 512, (n) => ({ userIds: ['u'], reason: text(n) })],
  ['setDisplayName', 'displayName', 64, (n) => ({ userId: 'u', displayName: text(n) })],
  ['setMuteMode', 'mode', 2, (n) => ({ userId: 'u', mode: n })],
  ['setPushMode', 'mode', 4, (n) => ({ userId: 'u', mode: n })],
  ['setMemberExtra', 'set', 32, (n) => ({ userId: 'u', set: entries(n, 4) })],
  ['setMemberExtra', 'set.0.key', 64, (n) => ({ userId: 'u', set: entries(1, n) })],
  ['setMemberExtra', 'set.0.text', 1_024, (n) => ({ userId: 'u', set: entries(1, 1, n) })],
  [
    'importMembers',
    'members',
    500,
    (n) => ({ importId: 'i', chunk: 0, members: ids(n).map((userId) => ({ userId })) }),
  ],
])(
  '%s takes the field %s up to its limit %i, texts counted in code points, and not beyond',
  (name, field, most, fields) => {
    expect(parsed(name, fields(most))).toBeUndefined();
    expect(parsed(name, fields(most + 1))).toBe(field);
  },
);

test('a group has 99 admins at most, unless its tenant says otherwise', () => {
  expect(TENANT_DEFAULTS.maxAdmins).toBe(99);
});

import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  appCommandSubject,
  appQuerySubject,
  canonicalDecimal,
  commandHash,
  commandSubject,
  comparePositions,
  decodeToken,
  encodeToken,
  eventId,
  type EventOrigin,
  eventSubject,
  FIRST_ALIAS,
  firstAliasOf,
  generatedGroupId,
  groupStream,
  isId,
  isReservedForAliases,
  LAST_ALIAS,
  numericStream,
  openText,
  ownNumber,
  parseGroupStream,
  parseSubject,
  parseUserKeyStream,
  parseUserBanStream,
  parseUserNumberStream,
  parseUserStream,
  QUERY_APPLIED_SUBJECT,
  querySubject,
  snapshotStream,
  STORE_STREAM,
  userBanStream,
  userKeyStream,
  userNumberStream,
  userStream,
  type SealedText,
} from '.';

interface Names {
  streams: {
    kind: 'group' | 'user' | 'snapshot' | 'userKey' | 'userBan' | 'userNumber';
    app: string;
    id: string;
    stream: string;
  }[];
  store: string;
  numeric: { app: string; block: string; stream: string; firstAlias: string };
  tokens: { id: string; token: string }[];
  subjects: {
    command: string;
    appCommand: string;
    query: string;
    appQuery: string;
    event: { app: string; groupId: string; type: string; subject: string };
    applied: string;
  };
  eventIds: (EventOrigin & { id: string })[];
  generatedGroupIds: { app: string; commandId: string; salt: number; id: string }[];
  commandHashes: { name: string; payload: object; hash: string }[];
}

const golden = (file: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, '../../../test/golden', file), 'utf8'));
const names = golden('names.json') as Names;

/** The golden files were written by other implementations (Python's uuid and hashlib, WebCrypto), not by this code. */
describe('names that can never change', () => {
  test.each(names.streams)('the stream of $kind $id never changes', ({ kind, app, id, stream }) => {
    const make = {
      group: groupStream,
      user: userStream,
      snapshot: snapshotStream,
      userKey: userKeyStream,
      userBan: userBanStream,
      userNumber: userNumberStream,
    }[kind];
    expect(make(app, id)).toBe(stream);
    expect(parseGroupStream(stream)).toEqual(kind === 'group' ? { app, id } : undefined);
    expect(parseUserStream(stream)).toEqual(kind === 'user' ? { app, id } : undefined);
    expect(parseUserKeyStream(stream)).toEqual(kind === 'userKey' ? { app, id } : undefined);
    expect(parseUserBanStream(stream)).toEqual(kind === 'userBan' ? { app, id } : undefined);
    expect(parseUserNumberStream(stream)).toEqual(kind === 'userNumber' ? { app, id } : undefined);
  });

  test('the stream of the store, and the streams and bounds of the blocks of aliases, never change', () => {
    expect(STORE_STREAM).toBe(names.store);
    const { app, block, stream, firstAlias } = names.numeric;
    expect(numericStream(app, BigInt(block))).toBe(stream);
    expect(firstAliasOf(BigInt(block)).toString()).toBe(firstAlias);
    expect(firstAliasOf(0n)).toBe(FIRST_ALIAS);
    expect(firstAliasOf(BigInt(block)) + 65_535n).toBe(LAST_ALIAS);
  });

  test.each(names.tokens)('the token of $id never changes', ({ id, token }) => {
    expect(encodeToken(id)).toBe(token);
    expect(decodeToken(token)).toBe(id);
  });

  test('the subjects of commands, queries, events and announcements never change', () => {
    const { command, appCommand, query, appQuery, event, applied } = names.subjects;
    expect(commandSubject('create')).toBe(command);
    expect(appCommandSubject('demo', 'create')).toBe(appCommand);
    expect(querySubject('members')).toBe(query);
    expect(appQuerySubject('demo', 'members')).toBe(appQuery);
    expect(eventSubject(event.app, event.groupId, event.type)).toBe(event.subject);
    expect(QUERY_APPLIED_SUBJECT).toBe(applied);
    expect(parseSubject(command)).toEqual({ kind: 'command', name: 'create' });
    expect(parseSubject(appQuery)).toEqual({ app: 'demo', kind: 'query', name: 'members' });
    expect(parseSubject('group.v1.event.demo.g1.created')).toBeUndefined();
    expect(parseSubject('group.v1.command.create.more')).toBeUndefined();
  });

  test.each(names.eventIds)('the event id $id never changes', ({ id, ...origin }) => {
    expect(eventId(origin)).toBe(id);
  });

  test.each(names.generatedGroupIds)('the generated group id $id never changes', ({ app, commandId, salt, id }) => {
    expect(generatedGroupId(app, commandId, salt)).toBe(id);
    expect(isReservedForAliases(id)).toBe(false);
  });

  test.each(names.commandHashes)(
    'the command hash $hash never changes, whatever the order of keys',
    ({ name, payload, hash }) => {
      expect(commandHash(name, payload)).toBe(hash);
      expect(commandHash(name, Object.fromEntries(Object.entries(payload).reverse()))).toBe(hash);
      expect(commandHash('leave', payload)).not.toBe(hash);
    },
  );

  test('sealed personal text opens as docs/decisions/0006 says', () => {
    const { key, text, sealed } = golden('personal-text.json') as {
      key: string;
      text: string;
      sealed: { enc: string; keyId: string; ct: string };
    };
    const bytes = Buffer.from(sealed.ct, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'hex'), bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(sealed.keyId)).setAuthTag(bytes.subarray(-16));
    const opened = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    expect(sealed.enc).toBe('A256GCM');
    expect(opened.toString('utf8')).toBe(text);
    expect(openText(sealed as SealedText, Buffer.from(key, 'hex'))).toBe(text);
  });
});

describe('ids and tokens', () => {
  const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(isId);

  test('every id survives its token, and every token is one subject token', () => {
    fc.assert(
      fc.property(id, (value) => {
        const token = encodeToken(value);
        expect(token).toMatch(/^[A-Za-z0-9_=-]+$/);
        expect(decodeToken(token)).toBe(value);
      }),
    );
  });

  test('every id survives its stream name, and two tenants or ids never share a stream', () => {
    const app = fc.stringMatching(/^[A-Za-z0-9_-]{1,10}$/);
    fc.assert(
      fc.property(app, id, app, id, (app1, id1, app2, id2) => {
        expect(parseGroupStream(groupStream(app1, id1))).toEqual({ app: app1, id: id1 });
        expect(groupStream(app1, id1) === groupStream(app2, id2)).toBe(app1 === app2 && id1 === id2);
      }),
    );
  });

  test.each(['', '=2e', '=4', 'a.b', '=41', 'a b', '=FF'])('%j is no token of ours', (token) => {
    expect(decodeToken(token)).toBeUndefined();
  });

  test.each([
    ['', false],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['😀'.repeat(64), true],
    ['😀'.repeat(65), false],
    ['a\nb', false],
    ['\u0085', false],
    ['\ud800', false],
    [' ', true],
    [7, false],
    [null, false],
  ])('id %j: %s', (value, valid) => {
    expect(isId(value)).toBe(valid);
  });

  test('a canonical decimal is a number, and those from 2^52 to 2^53-1 are reserved for aliases', () => {
    expect(canonicalDecimal('0')).toBe(0n);
    expect(canonicalDecimal('9007199254740991')).toBe(LAST_ALIAS);
    for (const id of ['9007199254740992', '01', '-1', '1.0', '１', '']) expect(canonicalDecimal(id)).toBeUndefined();
    expect(isReservedForAliases('4503599627370495')).toBe(false);
    expect(isReservedForAliases('4503599627370496')).toBe(true);
    expect(isReservedForAliases('9007199254740991')).toBe(true);
    expect(isReservedForAliases('9007199254740992')).toBe(false);
  });

  test('an id is its own number only as a canonical decimal below 2^52', () => {
    for (const id of ['0', '20', '4503599627370495']) expect(ownNumber(id)).toBe(id);
    for (const id of ['4503599627370496', '9223372036854775807', '020', 'ann', ''])
      expect(ownNumber(id)).toBeUndefined();
  });

  test('positions are ordered as numbers', () => {
    const position = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(position, position, (a, b) => {
        expect(Math.sign(comparePositions(a.toString(), b.toString()))).toBe(a < b ? -1 : Number(a > b));
      }),
    );
  });
});

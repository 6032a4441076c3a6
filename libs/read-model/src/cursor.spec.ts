import fc from 'fast-check';
import { isId } from '@cohort/contracts';
import { decodeCursor, encodeCursor } from './cursor';

const scope = {
  list: 'members',
  app: 'demo',
  store: '11111111-1111-4111-8111-111111111111',
  of: ['g1', ''],
  key: ['number', 'string'] as const,
};
const place = { key: [1_024, 'g1'], revision: '7' };
const refused = (cursor: string, of: object = {}) =>
  expect(() => decodeCursor({ ...scope, ...of }, cursor)).toThrow(
    expect.objectContaining({
      code: 'CURSOR_INVALID',
      message: expect.stringMatching(/^cursor .+\.$/) as string,
    }) as Error,
  );

describe('a cursor', () => {
  it('is read by the list that made it', () => {
    expect(decodeCursor(scope, encodeCursor(scope, place))).toEqual(place);
  });

  it('fits into its field whatever the ids are', () => {
    const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }).filter(isId);
    fc.assert(
      fc.property(id, id, (groupId, userId) => {
        const wide = { ...scope, app: 'a'.repeat(64), list: 'userGroups', of: [userId] };
        const cursor = encodeCursor(wide, { key: [8.64e15, groupId], revision: '9'.repeat(20) });
        expect(cursor.length).toBeLessThanOrEqual(1_024);
        expect(decodeCursor(wide, cursor).key[1]).toBe(groupId);
      }),
    );
    const worst = encodeCursor(scope, { key: [0, '\u2028'.repeat(64)], revision: '0' });
    expect(worst.length).toBeLessThanOrEqual(1_024);
  });

  it.each([
    ['list', { list: 'userGroups' }],
    ['app', { app: 'other' }],
    ['store', { store: '22222222-2222-4222-8222-222222222222' }],
    ['group', { of: ['g2', ''] }],
    ['role', { of: ['g1', 'admin'] }],
  ])('of another %s is CURSOR_INVALID', (_what, other) => {
    refused(encodeCursor(scope, place), other);
  });

  it('that is malformed is CURSOR_INVALID, and no other error', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => refused(text)));
    fc.assert(fc.property(fc.json(), (json) => refused(Buffer.from(json).toString('base64url'))));
    const [list, app, store, hash] = JSON.parse(
      Buffer.from(encodeCursor(scope, place), 'base64url').toString(),
    ) as string[];
    for (const [key, revision] of [
      ['x', '1'],
      [[null], '1'],
      [[1.5, 'g1'], '1'],
      [[1, 'g1'], 1],
      [[1, 'g1'], '-1'],
      [[1], '1'],
      [['1', 'g1'], '1'],
      [[1, 2], '1'],
      [[1, 'g1', 2], '1'],
    ]) {
      const forged = JSON.stringify([list, app, store, hash, key, revision]);
      refused(Buffer.from(forged).toString('base64url'));
    }
  });
});

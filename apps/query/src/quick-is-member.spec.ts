import fc from 'fast-check';
import { IsMember, parseDto } from '@cohort/contracts';
import { quickIsMember } from './quick-is-member';

/** What the DTO says: the fields of a well-formed body, else undefined. */
function slowIsMember(body: unknown): object | undefined {
  try {
    return { ...parseDto(IsMember, body) };
  } catch {
    return undefined;
  }
}

describe('the quick check of isMember', () => {
  const id = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 70 }),
    fc.string({ unit: 'binary', maxLength: 70 }),
    fc.constantFrom('', 'u1', '\u0000', 'a\tb', '\ud800', '😀'.repeat(64), '😀'.repeat(65), 'x'.repeat(65)),
    fc.anything(),
  );
  const app = fc.oneof(fc.constantFrom('demo', 'de mo', 'a/b', ''), id);
  const after = fc.oneof(fc.constantFrom('0', '12', '012', '-1', '1'.repeat(20), '1'.repeat(21), null, 5), id);
  const fields = { app, groupId: id, userId: id, after };

  it('accepts what the DTO accepts, and nothing else', () => {
    const body = fc.oneof(
      fc.record(fields, { requiredKeys: [] }),
      fc.record({ ...fields, app: fc.constant('demo'), groupId: fc.constant('g'), userId: fc.constant('u') }),
      fc.record({ app: fc.constant('demo'), groupId: id, userId: id }),
      fc.record({ ...fields, more: fc.anything() }),
      fc.anything(),
    );
    // As it comes over the wire: JSON has no undefined.
    const wire = body.map((value) => JSON.parse(JSON.stringify(value) ?? 'null') as unknown);
    fc.assert(
      fc.property(wire, (value) => {
        const quick = quickIsMember(value);
        expect(quick && { ...quick }).toEqual(slowIsMember(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [{ app: 'demo', groupId: 'g', userId: 'u' }, true],
    [{ app: 'demo', groupId: 'g', userId: 'u', after: '7' }, true],
    [{ app: 'demo', groupId: 'g', userId: 'u', after: null }, false],
    [{ app: 'demo', groupId: 'g', userId: 'u', limit: 1 }, false],
    [{ app: 'demo', groupId: 'g' }, false],
    [[], false],
    [null, false],
  ])('%j: %s', (body, accepted) => {
    expect(quickIsMember(body) !== undefined).toBe(accepted);
  });
});

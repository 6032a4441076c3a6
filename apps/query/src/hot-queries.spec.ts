import { getMetadataStorage } from 'class-validator';
import fc from 'fast-check';
import { parseDto, QUERIES, type QueryName } from '@cohort/contracts';
import { FEATURES, type ReadFeature } from '@cohort/read-model';

const HOT = FEATURES.flatMap(({ hot = {} }: ReadFeature) => Object.entries(hot));

/** The fields of a body that the DTO accepts, else undefined. */
function byDto(name: string, body: unknown): object | undefined {
  try {
    return { ...parseDto<object>(QUERIES[name as QueryName].dto, body) };
  } catch {
    return undefined;
  }
}

describe.each(HOT)('the check of the hot query %s', (name, check) => {
  const validated = getMetadataStorage().getTargetValidationMetadatas(QUERIES[name as QueryName].dto, '', false, false);
  const fields = [...new Set(validated.map(({ propertyName }) => propertyName))];
  // "7" is an app, an id, a position and a revision.
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('7', '12', 'demo', 'u1') },
    fc.constantFrom('', '012', '-1', '1'.repeat(20), '1'.repeat(21), 'a/b', 'de mo', 5, null, true),
    fc.constantFrom('\u0000', 'a\tb', '\ud800', '😀'.repeat(64), '😀'.repeat(65), 'x'.repeat(64), 'x'.repeat(65)),
    fc.string({ unit: 'grapheme', maxLength: 70 }),
    fc.string({ unit: 'binary', maxLength: 70 }),
    fc.anything(),
  );
  const flag = fc.oneof({ weight: 4, arbitrary: fc.boolean() }, value);
  const isFlag = (field: string) => validated.some((one) => one.propertyName === field && one.name === 'isFlag');
  const record = Object.fromEntries(fields.map((field) => [field, isFlag(field) ? flag : value]));
  const sound = Object.fromEntries(fields.map((field) => [field, isFlag(field) ? true : '7']));

  it('accepts what its DTO accepts, and nothing else', () => {
    let accepted = 0;
    const body = fc.oneof(
      fc.record(record, { requiredKeys: [] }),
      fc.record(record),
      // All are sound but one, which may be absent.
      fc
        .tuple(fc.constantFrom(...fields), fc.option(fc.oneof(value, flag), { nil: undefined }))
        .map(([field, one]) => ({ ...sound, [field]: one })),
      fc.record({ ...record, more: fc.anything() }),
      fc.anything(),
    );
    // As it comes over the wire: JSON has no undefined.
    const wire = body.map((each) => JSON.parse(JSON.stringify(each) ?? 'null') as unknown);
    fc.assert(
      fc.property(wire, (each) => {
        const quick = check(each);
        if (quick !== undefined) accepted += 1;
        expect(quick && { ...quick }).toEqual(byDto(name, each));
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('accepts a body with each field, and one without `after`', () => {
    const { after, ...rest } = sound;
    expect(after).toBe('7');
    expect([check(sound), check(rest)]).toEqual([sound, rest]);
  });

  it.each([[[]], [null], ['text'], [undefined], [{ ...sound, more: 1 }], [{ ...sound, after: null }]])(
    'refuses %j',
    (body) => {
      expect(check(body)).toBeUndefined();
    },
  );
});

it('isMember is hot', () => {
  expect(HOT.map(([name]) => name)).toContain('isMember');
});

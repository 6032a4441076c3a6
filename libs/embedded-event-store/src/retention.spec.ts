import { earliestVisible, firstVisible, parseRetention, restoredMetadata } from './retention';

const parse = (json: string, isMetastream = false) => parseRetention(Buffer.from(json), isMetastream);

describe('parseRetention', () => {
  it('reads the three limits', () => {
    expect(parse('{"$maxCount":3,"$maxAge":60,"$tb":7,"other":1}')).toEqual({
      maxCount: 3,
      maxAge: 60,
      truncateBefore: 7,
      deleted: false,
    });
  });

  it('recognises a deleted stream by the largest $tb', () => {
    expect(parse('{"$tb":9223372036854775807}')).toMatchObject({ deleted: true });
    expect(parse('{"$tb":9007199254740991}')).toMatchObject({ deleted: false });
  });

  it.each(['', 'null', '[]', '7', '{"half', '{"$maxCount":0}', '{"$maxCount":"3"}', '{"$tb":-1}', '{"$maxAge":1.5}'])(
    'finds no limit in %j',
    (json) => {
      expect(firstVisible(parse(json), 10)).toBe(0);
      expect(earliestVisible(parse(json), 1000)).toBe(0);
    },
  );

  it('keeps the newest event of a metastream, unless that has metadata of its own', () => {
    expect(parseRetention(undefined, true).maxCount).toBe(1);
    expect(parse('{"$maxCount":5}', true).maxCount).toBe(5);
    expect(parseRetention(undefined, false).maxCount).toBeUndefined();
  });
});

describe('firstVisible', () => {
  it.each([
    [{ deleted: false }, 9, 0],
    [{ deleted: true }, 9, 10],
    [{ maxCount: 3, deleted: false }, 9, 7],
    [{ maxCount: 30, deleted: false }, 9, 0],
    [{ truncateBefore: 4, deleted: false }, 9, 4],
    [{ maxCount: 3, truncateBefore: 4, deleted: false }, 9, 7],
    [{ maxCount: 8, truncateBefore: 4, deleted: false }, 9, 4],
  ])('of %j with head %d is %d', (retention, head, first) => {
    expect(firstVisible(retention, head)).toBe(first);
  });
});

it('restored metadata keeps what else was set', () => {
  const restored = restoredMetadata(Buffer.from('{"$maxCount":3,"$tb":9223372036854775807,"own":[1]}'), 12);
  expect(JSON.parse(restored.toString())).toEqual({ $maxCount: 3, $tb: 12, own: [1] });
});

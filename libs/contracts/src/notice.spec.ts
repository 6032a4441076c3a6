import { Join } from './features/membership';
import { isNotice, NOTICE, readNotice, type Notice } from './notice';
import { parseDto } from './validation';

const notice: Notice = { vendor: 'wildfirechat', payload: '{"type":1,"t":"“销售”"}', lines: [0, 1] };
const join = (value: unknown) =>
  parseDto(Join, { app: 'demo', actor: { type: 'service' }, groupId: 'g', userId: 'u', notice: value });

test('every command takes a notice, which stays as it is', () => {
  expect(JSON.parse(JSON.stringify(join(notice).notice))).toEqual(notice);
  expect(join({ vendor: 'v', payload: 'x'.repeat(NOTICE.payloadBytes) }).notice?.payload).toHaveLength(16_384);
  expect(join({ vendor: 'v', payload: '' }).notice).toEqual({ vendor: 'v', payload: '' });
});

test.each<[string, unknown]>([
  ['a payload of more than 16 KiB', { vendor: 'v', payload: 'x'.repeat(16_385) }],
  ['a payload of more than 16 KiB in UTF-8', { vendor: 'v', payload: '销'.repeat(5_462) }],
  ['a payload that is no text', { vendor: 'v', payload: { type: 1 } }],
  ['a payload with half a character', { vendor: 'v', payload: '\ud800' }],
  ['no payload', { vendor: 'v' }],
  ['no vendor', { payload: 'x' }],
  ['an empty vendor', { vendor: '', payload: 'x' }],
  ['a line that is no number', { vendor: 'v', payload: 'x', lines: ['0'] }],
  ['too many lines', { vendor: 'v', payload: 'x', lines: Array(17).fill(0) }],
  ['another field', { vendor: 'v', payload: 'x', other: 1 }],
  ['a text in its place', 'x'],
])('a notice with %s is refused', (_what, value) => {
  expect(() => join(value)).toThrow('notice');
});

test('a stored notice is known by its shape, and a newer build may have added fields', () => {
  expect(isNotice(notice)).toBe(true);
  expect(isNotice({ ...notice, sound: 'none' })).toBe(true);
  for (const value of [null, 'x', [], { vendor: 'v' }, { ...notice, lines: [-1] }, { vendor: 1, payload: '' }])
    expect(isNotice(value)).toBe(false);
});

test('an attribute of the feed is read as the notice that it holds; one that is malformed as none', () => {
  expect(readNotice(JSON.stringify(notice))).toEqual(notice);
  for (const json of ['', '{', '7', 'null', '{"vendor":"v"}']) expect(readNotice(json)).toBeUndefined();
});

import { noticeOf } from './notices';

const given = { notify_message: undefined, to_lines: [0] };
const shown = (...call: Parameters<typeof noticeOf>) => {
  const { notice } = noticeOf(...call);
  if (notice === undefined) return undefined;
  const { type, base64edData } = JSON.parse(notice.payload) as { type: number; base64edData: string };
  return { ...notice, payload: [type, Buffer.from(base64edData, 'base64').toString()] };
};

test("a change without a message of the caller's has the vendor's built-in notice, with its type and its JSON", () => {
  expect(shown(given, 'create', 'g', { o: 'ann', n: '销售', m: '' })).toEqual({
    vendor: 'wildfirechat',
    payload: [104, '{"g":"g","o":"ann","n":"销售","m":""}'],
    lines: [0],
  });
  expect(shown(given, 'kick', 'g', { o: 'ann', ms: ['a', 'b'] })?.payload).toEqual([
    106,
    '{"g":"g","o":"ann","ms":["a","b"]}',
  ]);
  expect(shown(given, 'add', 'g', { o: undefined, ms: ['a'] })?.payload).toEqual([105, '{"g":"g","ms":["a"]}']);
});

test("the caller's message takes the place of the built-in one if its type is above 0, on the lines of the call", () => {
  const message = { type: 1, content: 'hi', persistFlag: 3 };
  expect(noticeOf({ notify_message: message, to_lines: [0, 7] }, 'quit', 'g', { o: 'a', m: '' })).toEqual({
    notice: { vendor: 'wildfirechat', payload: JSON.stringify(message), lines: [0, 7] },
  });
  const none = { notify_message: { type: 0, content: 'hi' }, to_lines: [3] };
  expect(shown(none, 'quit', 'g', { o: 'a', m: '' })).toEqual({
    vendor: 'wildfirechat',
    payload: [107, '{"g":"g","o":"a","m":""}'],
    lines: [3],
  });
});

test('a second notice follows the first one in a list, also one of the caller', () => {
  const said = { o: 'ann', ms: ['a'] };
  const messages = (...call: Parameters<typeof noticeOf>) =>
    (JSON.parse(noticeOf(...call).notice!.payload) as { type: number; base64edData?: string }[]).map(
      ({ type, base64edData = '' }) => [type, Buffer.from(base64edData, 'base64').toString()],
    );
  const json = '{"g":"g","o":"ann","ms":["a"]}';
  expect(messages(given, 'kick', 'g', said, 'kickVisible')).toEqual([
    [106, json],
    [120, json],
  ]);
  const own = { ...given, notify_message: { type: 1, content: 'bye' } };
  expect(messages(own, 'quit', 'g', said, 'quitVisible')).toEqual([
    [1, ''],
    [121, json],
  ]);
});

test("a second notice that doesn't fit beside the first one is left out", () => {
  const ms = Array.from({ length: 120 }, (_, i) => `user-${i}-${'x'.repeat(50)}`);
  const said = { o: 'ann', ms };
  expect(noticeOf(given, 'kick', 'g', said, 'kickVisible')).toEqual(noticeOf(given, 'kick', 'g', said));
  expect(noticeOf(given, 'kick', 'g', said).notice).toBeDefined();
});

test('a built-in notice that is too large is left out', () => {
  const ms = Array.from({ length: 1_000 }, (_, i) => `user-${i}-${'x'.repeat(40)}`);
  expect(noticeOf(given, 'add', 'g', { o: 'ann', ms })).toEqual({});
});

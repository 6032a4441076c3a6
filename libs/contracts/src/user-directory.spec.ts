import { isDirectorySubject, readDirectoryAnswer, USER_DIRECTORY } from './user-directory';

const asked = new Set(['ann', 'bob']);
const read = (text: string) => readDirectoryAnswer(Buffer.from(text), asked);

test('an answer names the known users among those that were asked for', () => {
  expect(read('{"known":["bob"]}')).toEqual(new Set(['bob']));
  expect(read('{"known":[]}')).toEqual(new Set());
  expect(read('{"known":["ann","bob"],"more":1}')).toEqual(asked);
});

test.each([
  ['no JSON', 'yes'],
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '["ann"]'],
  ['without `known`', '{"unknown":["ann"]}'],
  ['an acknowledgement of JetStream', '{"stream":"S","seq":1}'],
  ['a user that is no text', '{"known":[1]}'],
  ['a user nobody asked for', '{"known":["ann","carl"]}'],
  ['more users than were asked for', '{"known":["ann","ann","ann"]}'],
  ['a text in place of the list', '{"known":"ann"}'],
  ['an object like a list', '{"known":{"0":"ann","length":1}}'],
])('an answer that is %s is none', (_what, text) => {
  expect(read(text)).toBeUndefined();
});

test('an answer that is too large, or not UTF-8, is none', () => {
  const filled = `{"known":["ann"],"filler":"${'x'.repeat(USER_DIRECTORY.answerBytes)}"}`;
  expect(read(filled)).toBeUndefined();
  expect(readDirectoryAnswer(Buffer.from([0x7b, 0xff, 0x7d]), asked)).toBeUndefined();
});

test('a directory answers on a subject of its own: not on those of this service, of NATS or of answers', () => {
  for (const subject of ['users.known', 'shop.users', 'groups.users']) expect(isDirectorySubject(subject)).toBe(true);
  for (const subject of [
    ...['', 'a..b', 'users.*', 'users.>', 'two words', 'line\nbreak', '$SYS.x', '_INBOX.x', 'group', 'x'.repeat(257)],
    ...['group.v1.command.dismiss', 7, undefined],
  ]) {
    expect(isDirectorySubject(subject)).toBe(false);
  }
});

import { overlap, whyItAnswersRequests } from './overlap';

test.each([
  ['group.v1.command.>', 'group.v1.command.>', true],
  ['group.>', 'group.v1.command.>', true],
  ['>', 'group.v1.command.>', true],
  ['group.*.command.create', 'group.v1.command.>', true],
  ['*.*.*.*', 'group.v1.command.>', true],
  ['group.v1.command', 'group.v1.command.>', false],
  ['group.v1.event.>', 'group.v1.command.>', false],
  ['group.v1.*', 'group.v1.command.>', false],
  ['orders.>', 'group.v1.command.>', false],
])('%s and %s overlap: %s', (a, b, expected) => {
  expect(overlap(a, b)).toBe(expected);
  expect(overlap(b, a)).toBe(expected);
});

test('a stream that takes requests is named, unless it acknowledges nothing', () => {
  const stream = { name: 'ALL', subjects: ['a', 'group.v1.app.*.command.create'] };
  expect(whyItAnswersRequests(stream)).toContain('the JetStream stream ALL takes group.v1.app.*.command.create');
  expect(whyItAnswersRequests({ ...stream, noAck: true })).toBeUndefined();
  expect(whyItAnswersRequests({ name: 'PUSH', subjects: ['group.v1.notify.>', 'group.v1.event.>'] })).toBeUndefined();
});

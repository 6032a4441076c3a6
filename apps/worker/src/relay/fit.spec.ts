import { MAX_FEED_MESSAGE_BYTES } from '@cohort/contracts';
import { refusal, streamRefusal } from './fit';

test('a server or a stream is refused by name if it is too small for the largest event or would answer requests', () => {
  const feed = { name: 'GROUP_EVENTS', subjects: ['group.v1.event.>'] };
  expect(refusal(MAX_FEED_MESSAGE_BYTES, [feed, { name: 'X', subjects: [] }])).toBeUndefined();
  expect(refusal(65_536, [feed])).toContain('max_payload');
  expect(refusal(1_048_576, [feed, { name: 'ALL', subjects: ['a', 'group.v1.>'] }])).toContain('ALL takes group.v1.>');

  const state = { created: '', firstSequence: 0, lastSequence: 0, messages: 0, maxBytes: -1 };
  const fits = { ...state, maxMessageBytes: -1, retention: 'limits', noAck: false };
  expect(streamRefusal('S', fits)).toBeUndefined();
  expect(streamRefusal('S', { ...fits, maxMessageBytes: 1_000 })).toContain('1000 bytes');
  expect(streamRefusal('S', { ...fits, retention: 'workqueue' })).toContain('workqueue');
  expect(streamRefusal('S', { ...fits, noAck: true })).toContain('no_ack');
});

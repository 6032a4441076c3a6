import { isPublishSubject, isReplyPrefix, isReplySubject } from './reply-subjects';

/** Subjects that no request may have as its reply subject, because an answer there would do harm. */
const FOREIGN = [
  '$JS.API.STREAM.PURGE.GROUP_EVENTS',
  '$JS.API.STREAM.DELETE.GROUP_EVENTS',
  '$JS.ACK.GROUP_EVENTS.notifications.1.1.1.1.1',
  '$JS.FC.GROUP_EVENTS.x.y',
  '$KV.COHORT_LEASES.relay',
  '$SRV.PING',
  '$SYS.REQ.SERVER.PING',
  '$SYS.REQ.ACCOUNT.A.CONNZ',
  'group.v1.event.b.g.created',
  'group.v1.command.dismiss',
  'group.v1.app.b.command.dismiss',
  'group.v1.node.query.applied',
  'group.v1.notify.b.u.added',
  'x',
  'reply.here',
  '_R_.abc',
  '_GR_.abc.def._INBOX.x',
  '_INBOXX.a',
  '_INBOX-shop.a',
  '_INBOXES',
  '_inbox.a',
  '_Inbox_shop.a',
  'INBOX.a',
  ' _INBOX.a',
  'a._INBOX.b',
  '._INBOX.a',
  '_INBOX.cohort-acknowledgements',
  '_INBOX.cohort-acknowledgements.abc.1',
];
const MALFORMED = [
  '_INBOX.',
  '_INBOX..a',
  '_INBOX.*',
  '_INBOX.>',
  '_INBOX.a.>',
  '_INBOX_*.a',
  '_INBOX.a b',
  '_INBOX.a\r\nPUB x 0',
];

test.each(FOREIGN)('a request with the reply subject %j may not be answered', (reply) => {
  expect(isReplySubject(reply)).toBe(false);
});

test.each(MALFORMED)('an inbox must be a subject to publish to, which %j is not', (reply) => {
  expect(isReplySubject(reply)).toBe(false);
  expect(isPublishSubject(reply)).toBe(false);
});

test.each(['_INBOX.a', '_INBOX.a.b.1', '_INBOX_shop.x', '_INBOX_.x', '_INBOX_a-b.N7', '_INBOX_shop', '_INBOX'])(
  'a request with the inbox %j may be answered',
  (reply) => expect(isReplySubject(reply)).toBe(true),
);

test('a prefix of the setting is compared by whole tokens', () => {
  expect(isReplySubject('_R_.abc.def', ['_R_'])).toBe(true);
  expect(isReplySubject('x.y.z', ['_R_', 'x.y'])).toBe(true);
  expect(isReplySubject('_R_X.abc', ['_R_'])).toBe(false);
  expect(isReplySubject('x.yy', ['x.y'])).toBe(false);
  expect(isReplySubject('_R_.*', ['_R_'])).toBe(false);
  expect(isReplySubject('$JS.API.INFO', ['_R_'])).toBe(false);
  expect(isReplySubject('_INBOX.cohort-acknowledgements.a.1', ['_INBOX'])).toBe(false);
});

test.each(['_R_', '_GR_', 'replies.of-partners', '_INBOXES'])('%j may be a prefix of reply subjects', (prefix) => {
  expect(isReplyPrefix(prefix)).toBe(true);
});

test.each(['', '.', '_R_.', '_R_.>', '*', 'a b', '$JS', '$SYS.REQ', 'group', 'group.v1.event', `${'x'.repeat(3_000)}`])(
  '%j may not be a prefix of reply subjects',
  (prefix) => expect(isReplyPrefix(prefix)).toBe(false),
);

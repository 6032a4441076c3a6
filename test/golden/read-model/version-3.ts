import { sealText, userKeyStream, type PersonalText } from '@cohort/contracts';
import * as facts from '@cohort/contracts/testing';
import type { LogEvent } from '@cohort/read-model';
import { Log } from '../../../libs/read-model/src/testing/log';

/** Ends in the past and in the future of any test, in milliseconds since 1970. */
const [PAST, FUTURE] = [1e12, 4e12];
const KEY = Buffer.alloc(32, 5);
/** A text of ann, who has one key until it is erased. */
const text = (of: string): PersonalText => sealText(of, { keyId: 'demo/ann#1', key: KEY }, 'g');

/** What a golden read model of schema version 3 is made of: it has rows in every table. */
export function everything(): Log {
  const log = new Log();
  const append = (stream: string, type: string, data: object) => log.append(stream, [{ type, data }]);
  append(userKeyStream('demo', 'ann'), 'keyMade', { key: KEY.toString('base64url') });
  append(userKeyStream('demo', 'bob'), 'keyMade', { key: KEY.toString('base64url') });
  const visible = { ...facts.created('ann').data.settings, visibility: 'public' as const };
  const group = (...events: Parameters<Log['group']> extends [string, ...infer E] ? E : never) => {
    for (const event of events) log.group('sales', event);
  };
  group(
    facts.created('ann', { numericId: '4503599627370496', capacity: 50, settings: visible }),
    facts.joined('add', 6, 'bob', 'cid', 'dot', 'eve', 'fay'),
    facts.adminGranted('bob', 'cid'),
    facts.adminRevoked('cid'),
    facts.infoChanged({ name: 'Sales & Co', description: 'All of it', avatar: 'https://example.org/a.png', ext: '{}' }),
    facts.settingsChanged({ joinPolicy: 'approval', readAck: true }),
    facts.capacityChanged(40),
    facts.displayNameChanged('ann', text('Ann')),
    facts.muteModeSet('ann', 2),
    facts.pushModeSet('bob', 4),
    facts.memberExtraSet('ann', { nick: text('A') }),
    facts.banned(PAST, 'cid'),
    facts.banned(FUTURE, 'dot'),
    facts.banned(undefined, 'eve'),
    facts.unbanned('eve'),
    facts.banExpired(PAST, 'cid'),
    facts.allBanned(FUTURE),
    facts.allowListed('bob', 'dot'),
    facts.allowListRemoved('dot'),
    facts.blocked('zoe', 'yan'),
    facts.unblocked('yan'),
    facts.announcementPosted('1', { title: 'News' }),
    facts.announcementPosted('2', { title: 'More news' }),
    facts.announcementDeleted('1'),
    facts.fileShared('1', 'bob'),
    facts.fileShared('2', 'ann'),
    facts.fileRenamed('2', 'Plan'),
    facts.fileRemoved(['1', 'bob']),
    facts.applied('gil', 1, FUTURE),
    facts.applied('hal', 2, FUTURE),
    facts.applicationDeclined('hal', 2, 'ann'),
    facts.invited('ann', { ida: 1, jan: 2 }, FUTURE, text('Join us')),
    facts.invitationDeclined('jan', 2, 'ann'),
    facts.joinKeyChanged(1),
    facts.attributesSet({ type: '2' }),
    facts.transferred('ann', 'bob'),
    // More than the number of changes that are kept.
    ...['cid', 'dot', 'eve', 'fay'].map((userId, i) => facts.left(5 - i, userId)),
    facts.disabled(),
  );
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    log.group(id, facts.created('own', { numericId: String(4503599627370500 + id.charCodeAt(0)) }));
    log.group(id, facts.joined('join', 2, 'fay'), facts.left(1, 'fay'));
    log.group(id, facts.dismissed());
  }
  log.group('imported', facts.created('ann', { numericId: '4503599627370497' }), facts.importStarted('i1'));
  log.group('imported', facts.membersImported(0, 3, { userId: 'bob', role: 'admin' }, { userId: 'cid' }));
  log.group('imported', facts.importCompleted(1, 3));
  log.group('half', facts.created('ann', { numericId: '4503599627370498' }), facts.importStarted('i2'));
  log.group('gone', facts.created('ann', { numericId: '4503599627370499' }));
  log.group('gone', facts.invited('ann', { ida: 1 }, FUTURE));
  // An operator deletes the group.
  const [tombstone] = append('group-demo/gone', '$streamDeleted', {}) as [LogEvent];
  log.events[log.events.indexOf(tombstone)] = { ...tombstone, revision: Number.MAX_SAFE_INTEGER };
  log.user('ann', facts.syncRequested([{ groupId: 'sales', name: 'Sales' }]));
  log.user('ann', facts.syncCompleted(0, log.head));
  log.userBan('dot', facts.banEverywhereRequested(new Date(FUTURE).toISOString()));
  log.userBan('dot', facts.banEverywhereCompleted(0, log.head));
  log.userNumber('ann', facts.numberAssigned('4503599627380000'));
  append(userKeyStream('demo', 'bob'), 'keysErased', {});
  // Events that this build doesn't know, and one that it can't apply.
  append('group-demo/sales', 'frozen', { by: 'ann' });
  append('user-demo/ann', 'languageChosen', {});
  append('group-demo/sales', 'memberLeft', {});
  return log;
}

import type { Caller } from '../../../dialect/caller';
import { done } from '../envelope';
import { WildfireChatError } from '../errors';
import { defaulting, groupId, invalid, notice, operator, required, text, whole, type Kind } from '../fields';
import {
  attributeOf,
  groupExtra,
  joinType,
  name,
  portrait,
  settingsOfJoinType,
  settingsOfSearchable,
  switched,
} from '../groups';
import { noticeOf, type NOTICE_TYPES } from '../notices';
import { actingFor, operation } from '../operation';
import type { Notice } from '@cohort/contracts';

interface Shown {
  readonly notice?: Notice & { lines: number[] };
}

/** One thing that `modify` changes: its value, its built-in notice, and the command. */
interface Change<T> {
  readonly kind: Kind<T>;
  readonly notice: keyof typeof NOTICE_TYPES;
  readonly send: (as: Caller, groupId: string, value: T, shown: Shown) => Promise<unknown>;
}
const change = <T>(kind: Kind<T>, shownAs: keyof typeof NOTICE_TYPES, send: Change<T>['send']): Change<unknown> =>
  ({ kind, notice: shownAs, send }) as Change<unknown>;

/** By the vendor's number. Its open server refuses 7 to 9, and so do we: 251. */
const CHANGES: readonly Change<unknown>[] = [
  change(name, 'name', (as, groupId, name, shown) => as.command('changeInfo', { groupId, name, ...shown })),
  change(portrait, 'portrait', (as, groupId, avatar, shown) => as.command('changeInfo', { groupId, avatar, ...shown })),
  change(groupExtra, 'extra', (as, groupId, ext, shown) => as.command('changeInfo', { groupId, ext, ...shown })),
  change(switched, 'mute', (as, groupId, mute, shown) =>
    as.command(mute === 1 ? 'banAll' : 'unbanAll', { groupId, ...shown }),
  ),
  change(joinType, 'joinType', (as, groupId, value, shown) =>
    as.command('changeSettings', { groupId, ...settingsOfJoinType(value), ...shown }),
  ),
  change(switched, 'privateChat', (as, groupId, value, shown) => {
    const set = [{ key: attributeOf('private_chat'), text: String(value) }];
    return as.command('setAttributes', { groupId, set, ...shown });
  }),
  change(switched, 'searchable', (as, groupId, value, shown) =>
    as.command('changeSettings', { groupId, ...settingsOfSearchable(value), ...shown }),
  ),
];
/** The changes whose value is a number. */
const FIRST_NUMBER = 3;

export const modify = [
  operation('modify', 'POST', '/admin/group/modify', {
    source: 'Java SDK, modifyGroupInfo',
    summary:
      'changes one thing: 0 name, 1 portrait, 2 extra, 3 mute, 4 join_type, 5 private_chat, 6 searchable; the value is a text',
    input: { operator, group_id: groupId, type: defaulting(whole(0, 9), 0), value: required(text(16_384)), ...notice },
    does: async ({ as, input }) => {
      const { group_id: groupId, type, value } = input;
      const one = CHANGES[type] ?? invalid();
      if (type >= FIRST_NUMBER && !/^-?\d+$/.test(value)) throw new WildfireChatError('crash');
      const read = one.kind.read(value);
      const shown = noticeOf(input, one.notice, groupId, { o: input.operator, n: value, m: '' });
      await one.send(actingFor(as, input.operator), groupId, read, shown);
    },
    answer: done,
  }),
];

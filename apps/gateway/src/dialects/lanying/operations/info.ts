import { LIMITS } from '@cohort/contracts';
import type { Schema } from '../../../dialect/fields';
import { data, yes } from '../envelope';
import { body, groupId, groupIdInQuery, groups, lines, text, type Kind } from '../fields';
import { operation } from '../operation';
import { seenGroup, seenGroups } from '../seen';
import { GROUP, GROUP_EXAMPLE, GROUP_INFO, GROUP_INFO_EXAMPLE, group, groupInfo, type SeenGroup } from '../views';

const LIST: Schema = { type: 'array', items: GROUP };

const BY = 'by the owner, the admins, and the members where they may modify the group';

/** A row that changes one text of a group. */
const change = <const N extends 'name' | 'avatar' | 'description' | 'ext'>(
  field: N,
  source: string,
  value: Kind<string>,
) =>
  operation(`change${field[0]!.toUpperCase()}${field.slice(1)}`, ['POST', 'PUT'], `/group/info/${field}`, {
    source,
    summary: `changes the group's ${field}; ${BY}`,
    access: 'actor',
    input: { group_id: groupId, value: body.required(value) },
    does: ({ as, input }) => as.command('changeInfo', { groupId: input.group_id, [field]: input.value }),
    answer: yes,
  });

/** Both paths of the vendor's return all of it. */
const whole = (name: string, path: string, source: string) =>
  operation(name, 'GET', path, {
    source,
    summary: 'returns information and settings: of a private group to members, of a dismissed one to its last members',
    access: 'anyone',
    input: { group_id: groupIdInQuery },
    does: ({ as, actor, input }) => seenGroup(as, actor, input.group_id),
    answer: data(GROUP_INFO, GROUP_INFO_EXAMPLE, groupInfo),
  });

/** What describes a group. */
export const info = [
  whole('info', '/group/info', '7.31'),
  whole('settings', '/group/settings', '7.58'),

  operation('infos', 'POST', '/group/info/batch', {
    source: '7.34',
    summary: 'returns several groups; those that are unknown, or show nothing to the caller, are left out',
    access: 'anyone',
    input: { group_list: body.required(groups) },
    does: ({ as, actor, input }) => seenGroups(as, actor, input.group_list),
    answer: data(LIST, [GROUP_EXAMPLE], (seen: readonly SeenGroup[], ids) => seen.map((one) => group(one, ids))),
  }),

  change('name', '7.39, 7.40', text(LIMITS.name, 1)),
  change('avatar', '7.32, 7.33', text(LIMITS.avatar)),
  change('description', '7.35, 7.36', lines(LIMITS.description)),
  change('ext', '7.37, 7.38', lines(LIMITS.ext)),
];

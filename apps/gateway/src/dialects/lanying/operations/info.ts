import { LIMITS } from '@cohort/contracts';
import { yes } from '../envelope';
import { body, groupId, text } from '../fields';
import { operation } from '../operation';

const BY = 'by the owner, the admins, and the members where they may modify the group';

/** A row that changes one text of a group. */
const change = <const N extends 'name' | 'avatar' | 'description' | 'ext'>(field: N, source: string, least = 0) =>
  operation(`change${field[0]!.toUpperCase()}${field.slice(1)}`, ['POST', 'PUT'], `/group/info/${field}`, {
    source,
    summary: `changes the group's ${field}; ${BY}`,
    access: 'actor',
    input: { group_id: groupId, value: body.required(text(LIMITS[field], least)) },
    does: ({ as, input }) => as.command('changeInfo', { groupId: input.group_id, [field]: input.value }),
    answer: yes,
  });

/** What describes a group. */
export const info = [
  change('name', '7.39, 7.40', 1),
  change('avatar', '7.32, 7.33'),
  change('description', '7.35, 7.36'),
  change('ext', '7.37, 7.38'),
];

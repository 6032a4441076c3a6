import type { QueryAnswers } from '@cohort/contracts';
import type { Schema } from '../../dialect/fields';
import { list } from './envelope';

const object = (...fields: string[]): Schema => ({
  type: 'object',
  properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])),
  required: fields,
});

/** The members of a group, in the order in which they joined. */
export const users = list('users', object('id'), { id: 'u1' }, (pages: readonly QueryAnswers['members'][]) =>
  pages.flatMap(({ members }) => members).map(({ userId }) => ({ id: userId })),
);

/** The groups of a user. */
export const groups = list(
  'groups',
  object('id', 'name'),
  { id: 'g1', name: 'Sales' },
  (pages: readonly QueryAnswers['userGroups'][]) =>
    pages.flatMap((page) => page.groups).map(({ groupId, name }) => ({ id: groupId, name })),
);

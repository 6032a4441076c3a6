import { onLive, type Deciders } from '../decider';
import { addMembers } from './addMembers';
import { join } from './join';
import { kick } from './kick';
import { leave } from './leave';
import { leaveMany } from './leaveMany';

export const membership = {
  addMembers: onLive(addMembers),
  join: onLive(join),
  kick: onLive(kick),
  leave: onLive(leave),
  leaveMany: onLive(leaveMany),
} satisfies Deciders;

import type { GroupCommand, GroupCommandName } from '@cohort/contracts';
import type { Decider } from './commands/decider';
import { announcements } from './commands/announcements';
import { files } from './commands/files';
import { bans } from './commands/bans';
import { blocks } from './commands/blocks';
import { info } from './commands/info';
import { lifecycle } from './commands/lifecycle';
import { memberProfile } from './commands/member-profile';
import { membership } from './commands/membership';
import { roles } from './commands/roles';
import { wholeUser } from './commands/whole-user';
import type { DecideContext, Decision } from './decision';
import type { GroupState } from './state';

/** The deciders by feature. */
export const FEATURES = {
  lifecycle,
  info,
  membership,
  roles,
  bans,
  blocks,
  announcements,
  files,
  memberProfile,
  wholeUser,
};

const DECIDERS: { readonly [N in GroupCommandName]: Decider<N> } = {
  ...lifecycle,
  ...info,
  ...membership,
  ...roles,
  ...announcements,
  ...files,
  ...bans,
  ...blocks,
  ...memberProfile,
  ...wholeUser,
};

/** The outcome of a command on a group in this state. Pure: the same three give the same decision. */
export function decide<N extends GroupCommandName>(
  { type, data }: GroupCommand<N>,
  state: GroupState,
  context: DecideContext,
): Decision {
  return DECIDERS[type](data, state, context);
}

import * as fc from 'fast-check';
import type { GroupCommand, GroupCommandName, UserResult } from '@cohort/contracts';
import type { GroupState } from '../state';
import { bans } from './bans';
import { blocks } from './blocks';
import { command } from './commands';
import { announcements } from './announcements';
import { attributes } from './attributes';
import { files } from './files';
import { imports } from './imports';
import { applications } from './applications';
import { invitations } from './invitations';
import { joinKeys } from './join-keys';
import { info } from './info';
import { lifecycle } from './lifecycle';
import { memberProfile } from './member-profile';
import { membership } from './membership';
import { roles } from './roles';
import { wholeUser } from './whole-user';
import { settings } from './settings';
import type { Sample } from './sample';

/** A sample of every command. */
export const SAMPLES: { readonly [N in GroupCommandName]: Sample<N> } = {
  ...lifecycle,
  ...info,
  ...settings,
  ...membership,
  ...roles,
  ...announcements,
  ...files,
  ...bans,
  ...blocks,
  ...memberProfile,
  ...wholeUser,
  ...imports,
  ...applications,
  ...invitations,
  ...joinKeys,
  ...attributes,
};

export const COMMAND_NAMES = Object.keys(SAMPLES) as GroupCommandName[];

const ofType = <N extends GroupCommandName>(type: N): fc.Arbitrary<GroupCommand> =>
  SAMPLES[type].fields.map((fields) => command(type, fields));

/** Commands after which the others are refused are rare. Those that undo that, and those that belong together, are not. */
const WEIGHTS: Partial<Readonly<Record<GroupCommandName, number>>> = {
  dismiss: 1,
  disable: 1,
  enable: 24,
  shareFile: 12,
  renameFile: 12,
  ban: 12,
  banAll: 12,
  expireBans: 12,
  expireBanAll: 12,
};

/** Any command on group `g`, sensible or not; few that end the group, so that the others meet a live one. */
export const anyCommand: fc.Arbitrary<GroupCommand> = fc.oneof(
  ...COMMAND_NAMES.map((name) => ({ weight: WEIGHTS[name] ?? 4, arbitrary: ofType(name) })),
);

/** A sensible command on group `g` that concerns this user, by a service. */
export const exampleOf = <N extends GroupCommandName>(type: N, userId: string): GroupCommand =>
  command(type, SAMPLES[type].example(userId));

/** Whether a group shows that a command was done. */
export const holds = <N extends GroupCommandName>(
  { type, data }: GroupCommand<N>,
  state: GroupState,
  results?: readonly UserResult[],
): boolean => SAMPLES[type].holds(data, state, results);

/** Whether the command, asked again, changes nothing. */
export const isRepeatable = ({ type }: GroupCommand): boolean => SAMPLES[type].addsEachTime !== true;

export { command, type CommandFields } from './commands';
export { AT, context, given, membersOf, stateAfter, packed, unpackState } from './given';

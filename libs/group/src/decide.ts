import type { Actor, GroupCommand, GroupCommandName, GroupEvent } from '@cohort/contracts';
import type { Decider } from './commands/decider';
import { announcements } from './commands/announcements';
import { attributes } from './commands/attributes';
import { files } from './commands/files';
import { bans } from './commands/bans';
import { blocks } from './commands/blocks';
import { imports } from './commands/imports';
import { applications } from './commands/applications';
import { invitations } from './commands/invitations';
import { joinKeys } from './commands/join-keys';
import { info } from './commands/info';
import { lifecycle } from './commands/lifecycle';
import { memberProfile } from './commands/member-profile';
import { membership } from './commands/membership';
import { roles } from './commands/roles';
import { wholeUser } from './commands/whole-user';
import { settings } from './commands/settings';
import { withinLimits } from './group-limits';
import { amongKnown, type Decides } from './known-users';
import { groupExists, groupNotFound, refuse, type DecideContext, type Decision, type Refused } from './decision';
import type { GroupState } from './state';

/** The deciders by feature. */
export const FEATURES = {
  lifecycle,
  info,
  settings,
  membership,
  roles,
  bans,
  blocks,
  announcements,
  files,
  memberProfile,
  wholeUser,
  imports,
  applications,
  invitations,
  joinKeys,
  attributes,
};

const DECIDERS: { readonly [N in GroupCommandName]: Decider<N> } = {
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

const nameForbidden = refuse('NAME_FORBIDDEN', 'The name of the group has a word that is forbidden here.');

/** Whether an event gives the group a name with a word that the tenant forbids. A name that the group has already stays. */
const hasForbiddenName = (events: readonly GroupEvent[], { forbidden }: DecideContext): boolean =>
  forbidden !== undefined &&
  events.some(
    ({ type, data }) =>
      (type === 'created' || type === 'infoChanged') && data.name !== undefined && forbidden.isIn(data.name),
  );

/** The outcome of a command on a group in this state. Pure: the same three give the same decision. */
export function decide<N extends GroupCommandName>(
  command: GroupCommand<N>,
  state: GroupState,
  context: DecideContext,
): Decision {
  const { type } = command;
  const decides: Decides<N> = (data) => DECIDERS[type](data, state, context);
  const decidesKnown: Decides<N> = (data) => amongKnown({ type, data }, state, context, decides);
  const decision = hiddenFrom(type, command.data.actor.type, state) ?? withinLimits(command, context, decidesKnown);
  return decision.ok && hasForbiddenName(decision.events, context) ? nameForbidden : decision;
}

/** What a service may do with a group that is being imported, beside its import: give it up, or correct its capacity. */
const BESIDE_IMPORT: ReadonlySet<GroupCommandName> = new Set(['dismiss', 'changeCapacity']);

/** Nobody sees a group that is being imported, but for its import. */
function hiddenFrom(type: GroupCommandName, by: Actor['type'], state: GroupState): Refused | undefined {
  if (state.status !== 'live' || state.imports.status !== 'running') return undefined;
  if (Object.hasOwn(imports, type) || (by === 'service' && BESIDE_IMPORT.has(type))) return undefined;
  return type === 'create' || type === 'createOrJoin' ? groupExists : groupNotFound;
}

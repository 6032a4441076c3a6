import type { Actor } from '@cohort/contracts';
import type { LiveGroup } from '../state';

/** The user who counts as author or uploader: the actor, the user for whom a service acts, or else the owner. */
export const authorOf = (actor: Actor, { roles }: LiveGroup): string =>
  actor.type === 'user' ? actor.id : (actor.onBehalfOf ?? roles.owner);

import { onAnyLive, onLive, type Deciders } from '../decider';
import { expireInvitations } from './expireInvitations';
import { handleInvitation } from './handleInvitation';
import { invite } from './invite';
import { withdrawInvitations } from './withdrawInvitations';

export const invitations = {
  invite: onLive(invite),
  handleInvitation: onLive(handleInvitation),
  withdrawInvitations: onLive(withdrawInvitations),
  expireInvitations: onAnyLive(expireInvitations),
} satisfies Deciders;

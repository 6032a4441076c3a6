import { onLive, type Deciders } from '../decider';
import { grantAdmins } from './grantAdmins';
import { revokeAdmins } from './revokeAdmins';
import { transfer } from './transfer';

export const roles = {
  transfer: onLive(transfer),
  grantAdmins: onLive(grantAdmins),
  revokeAdmins: onLive(revokeAdmins),
} satisfies Deciders;

import { onAnyLive, onLive, type Deciders } from '../decider';
import { allowToSpeak } from './allowToSpeak';
import { ban } from './ban';
import { banAll } from './banAll';
import { disallowToSpeak } from './disallowToSpeak';
import { expireBanAll } from './expireBanAll';
import { expireBans } from './expireBans';
import { unban } from './unban';
import { unbanAll } from './unbanAll';

export const bans = {
  ban: onLive(ban),
  unban: onLive(unban),
  banAll: onLive(banAll),
  unbanAll: onLive(unbanAll),
  allowToSpeak: onLive(allowToSpeak),
  disallowToSpeak: onLive(disallowToSpeak),
  expireBans: onAnyLive(expireBans),
  expireBanAll: onAnyLive(expireBanAll),
} satisfies Deciders;

import { onLive, type Deciders } from '../decider';
import { setDisplayName } from './setDisplayName';
import { setMemberExtra } from './setMemberExtra';
import { setMode } from './setMode';

export const memberProfile = {
  setDisplayName: onLive(setDisplayName),
  setMuteMode: onLive(setMode('setMuteMode')),
  setPushMode: onLive(setMode('setPushMode')),
  setMemberExtra: onLive(setMemberExtra),
} satisfies Deciders;

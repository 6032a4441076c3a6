import { notifiesNobody, type Rules } from './rule';

export const memberProfile: Rules<'displayNameChanged' | 'muteModeSet' | 'pushModeSet' | 'memberExtraSet'> = {
  /** The other members see it in the feed. */
  displayNameChanged: notifiesNobody,
  muteModeSet: notifiesNobody,
  pushModeSet: notifiesNobody,
  memberExtraSet: notifiesNobody,
};

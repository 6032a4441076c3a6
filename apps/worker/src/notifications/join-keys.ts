import { notifiesNobody, type Rules } from './rule';

export const joinKeys: Rules<'joinKeyChanged'> = {
  /** It concerns nobody who has joined. */
  joinKeyChanged: notifiesNobody,
};

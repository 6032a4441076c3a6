import { notifiesNobody, type Rules } from './rule';

export const info: Rules<'infoChanged'> = {
  /** Concerns every member alike: they see it in the feed. */
  infoChanged: notifiesNobody,
};

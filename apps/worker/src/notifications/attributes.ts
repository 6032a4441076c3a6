import { notifiesNobody, type Rules } from './rule';

export const attributes: Rules<'attributesSet'> = {
  /** They concern every member alike, who see them in the feed. */
  attributesSet: notifiesNobody,
};

import { notifiesNobody, type Rules } from './rule';

export const settings: Rules<'settingsChanged' | 'capacityChanged'> = {
  /** Concern every member alike: they see them in the feed. */
  settingsChanged: notifiesNobody,
  capacityChanged: notifiesNobody,
};

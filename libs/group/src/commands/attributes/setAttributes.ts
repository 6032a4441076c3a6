import { LIMITS, type GroupCommandData } from '@cohort/contracts';
import { accept, distinct, refuse, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';
import { attributesAfter } from '../../state/attributes';

/** Sets and removes attributes; the event names only what differs. */
export function setAttributes(data: GroupCommandData<'setAttributes'>, group: LiveGroup): Decision {
  const forbidden = mustBeAllowed('setAttributes', data.actor, group);
  if (forbidden) return forbidden;
  const has = (key: string) => Object.hasOwn(group.attributes, key);
  const wanted = Object.fromEntries((data.set ?? []).map(({ key, text }) => [key, text]));
  const set = Object.fromEntries(
    Object.entries(wanted).filter(([key, text]) => !has(key) || group.attributes[key] !== text),
  );
  const removed = distinct(data.remove ?? []).filter((key) => has(key) && !Object.hasOwn(wanted, key));
  if (Object.keys(set).length === 0 && removed.length === 0) return accept([]);
  const keys = Object.keys(attributesAfter(group.attributes, set, removed)).length;
  if (keys > LIMITS.attributes) {
    const message = `A group may have at most ${LIMITS.attributes} attributes; it would have ${keys}.`;
    return refuse('EXTRA_KEYS_REACHED', message, { limit: LIMITS.attributes, wanted: keys });
  }
  return accept([{ type: 'attributesSet', data: { set, removed } }]);
}

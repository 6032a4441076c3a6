import { operationOf } from '../../dialect/operation';
import { noBody } from '../../dialect/body';
import type { Caller } from '../../dialect/caller';
import { readList, readObject } from './body';
import { WildfireChatError } from './errors';
import type { Json, JsonObject } from '../../dialect/json';
import type { WildfireChatSettings } from './settings';

/** A row of this dialect, whose body is one JSON object. */
export const operation = operationOf<WildfireChatSettings, JsonObject>(readObject);
/** A row whose body is a bare list. */
export const operationOnList = operationOf<WildfireChatSettings, readonly Json[]>(readList);
/** A row without a body. */
export const operationWithoutBody = operationOf<WildfireChatSettings, undefined>(noBody);

/** The service acts for the operator, whom the events record. Roles are not checked. */
export const actingFor = (as: Caller, operator: string | undefined): Caller =>
  operator === undefined ? as : as.by({ type: 'service', onBehalfOf: operator });

/** The group. Throws 253 if it was dismissed or is unknown. */
export async function liveGroup(as: Caller, groupId: string) {
  const group = await as.query('group', { groupId });
  if (group.status === 'dismissed') throw new WildfireChatError(253);
  return group;
}

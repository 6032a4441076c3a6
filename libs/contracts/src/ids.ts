import { codePoints } from './texts';

/**
 * The rules for group ids, user ids, tenant (app) ids and command ids, and the division of the number space.
 * docs/decisions/0002-ids-and-numbers.md settles them: no rule here may change once events exist.
 */

/** Longest group or user id, in Unicode code points (the longest of the five vendors' limits). */
export const MAX_ID_LENGTH = 64;
/** Longest command id, in Unicode code points. */
export const MAX_COMMAND_ID_LENGTH = 128;

/** Longest tenant id, in characters, all of them ASCII. */
export const MAX_APP_ID_LENGTH = 64;
/** A tenant's id. It is a NATS token and part of stream names, so it has neither `/` nor `.`. */
const APP_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

const CONTROL_OR_LONE_SURROGATE = /[\p{Cc}\p{Cs}]/u;

const PRINTABLE_ASCII = /^[ -~]+$/;

function isPrintable(value: string, maxLength: number): boolean {
  // Nearly all ids are ASCII, and every id of every stored event is checked.
  if (value.length <= maxLength && PRINTABLE_ASCII.test(value)) return true;
  if (value.length === 0 || value.length > maxLength * 2) return false;
  if (value.length > maxLength && codePoints(value) > maxLength) return false;
  return !CONTROL_OR_LONE_SURROGATE.test(value);
}

/** Whether the value is a well-formed group or user id: 1 to 64 code points, none of them a control character. */
export const isId = (value: unknown): value is string => typeof value === 'string' && isPrintable(value, MAX_ID_LENGTH);

/** Whether the value is a well-formed command id: 1 to 128 code points, none of them a control character. */
export const isCommandId = (value: unknown): value is string =>
  typeof value === 'string' && isPrintable(value, MAX_COMMAND_ID_LENGTH);

/** Whether the value is a well-formed tenant id: 1 to 64 of `A-Z a-z 0-9 _ -`. */
export const isAppId = (value: unknown): value is string => typeof value === 'string' && APP_ID_PATTERN.test(value);

/** Whether the text numbers a thing of a group, such as an announcement: a canonical decimal from 1. */
export const isOrdinal = (text: string): boolean => /^[1-9][0-9]{0,14}$/.test(text);

/**
 * Numbers below this are ids: a group or a user with such a decimal as id has that number. Numbers from here to 2^53-1 are
 * aliases only.
 */
export const FIRST_ALIAS = 2n ** 52n;
/** The largest number a JavaScript client reads exactly: the largest alias. */
export const LAST_ALIAS = 2n ** 53n - 1n;

/** The number of an id that is a canonical decimal of at most 2^53-1 (no sign, no leading zero); else undefined. */
export function canonicalDecimal(id: string): bigint | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(id)) return undefined;
  const number = BigInt(id);
  return number <= LAST_ALIAS ? number : undefined;
}

/**
 * The number that a group or user has by its id alone: the id itself, if it is a canonical decimal below 2^52. Any other id has
 * an alias; undefined then.
 */
export function ownNumber(id: string): string | undefined {
  const number = canonicalDecimal(id);
  return number !== undefined && number < FIRST_ALIAS ? id : undefined;
}

/** Whether this group id lies among the aliases of other groups, so that no client may choose it. */
export function isReservedForAliases(id: string): boolean {
  const number = canonicalDecimal(id);
  return number !== undefined && number >= FIRST_ALIAS;
}

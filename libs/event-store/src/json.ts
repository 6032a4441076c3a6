import { messageOf } from '@cohort/surroundings';
import { NotJson } from './errors';

/** Encoded JSON. It can be measured before it is sent, and isn't encoded twice. */
export class Json {
  constructor(readonly bytes: Uint8Array) {}
}

/**
 * Encodes a value as UTF-8.
 *
 * @throws NotJson JSON can't represent the value
 */
export function encodeJson(value: object): Json {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new NotJson(messageOf(error));
  }
  if (text === undefined) throw new NotJson('the value has no JSON form');
  return new Json(Buffer.from(text, 'utf8'));
}

/** Wraps text that is JSON already. */
export const jsonText = (text: string): Json => new Json(Buffer.from(text, 'utf8'));

export const asJson = (value: object | Json): Json => (value instanceof Json ? value : encodeJson(value));

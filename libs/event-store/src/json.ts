import { NotJson } from './errors';

/** JSON that is encoded already, so that it can be measured before it is sent and isn't encoded twice. */
export class Json {
  constructor(readonly bytes: Uint8Array) {}
}

/** Encodes a value; throws `NotJson` for one that JSON can't hold. Text is UTF-8. */
export function encodeJson(value: object): Json {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new NotJson(error instanceof Error ? error.message : String(error));
  }
  if (text === undefined) throw new NotJson('the value has no JSON form');
  return new Json(Buffer.from(text, 'utf8'));
}

/** Wraps text that is known to be JSON. */
export const jsonText = (text: string): Json => new Json(Buffer.from(text, 'utf8'));

export const asJson = (value: object | Json): Json => (value instanceof Json ? value : encodeJson(value));

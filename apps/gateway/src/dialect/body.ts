import type { IncomingMessage } from 'node:http';
import type { Lease } from './body-bytes';
import { parseForm, type Form, type TooMany } from './form';
import { parseJsonList, parseJsonObject, type Json, type JsonObject } from './json';
import type { BodyLimits } from './limits';
import { readBody } from './read-body';

/** Reads the body of a request into what the fields of an operation read. */
export interface BodyReader<B> {
  /** Media type for the documents; absent: the operation has no body. */
  readonly contentType: string | undefined;
  readonly read: (request: IncomingMessage, limits: BodyLimits, lease: Lease) => Promise<B>;
}

/** For operations without a body. Bytes that come anyway are not read. */
export const noBody: BodyReader<undefined> = { contentType: undefined, read: () => Promise.resolve(undefined) };

/** A form; `tooMany` makes the vendor's error for too many fields. */
export const form = (tooMany: TooMany): BodyReader<Form> => ({
  contentType: 'application/x-www-form-urlencoded',
  read: async (request, limits, lease) =>
    parseForm(await readBody(request, limits.maxBytes, lease), limits, tooMany, () => lease.turn()),
});

/** One JSON object; anything else is `VALIDATION_FAILED`. */
export const jsonObject: BodyReader<JsonObject> = {
  contentType: 'application/json',
  read: async (request, limits, lease) => parseJsonObject(await readBody(request, limits.maxBytes, lease), limits),
};

/** One JSON object, or no body at all, which is an empty one: for operations that need no field of it. */
export const jsonObjectOrNone: BodyReader<JsonObject> = {
  contentType: 'application/json',
  read: async (request, limits, lease) => {
    const bytes = await readBody(request, limits.maxBytes, lease);
    return bytes.length === 0 ? {} : parseJsonObject(bytes, limits);
  },
};

/** One JSON list; anything else is `VALIDATION_FAILED`. */
export const jsonList: BodyReader<readonly Json[]> = {
  contentType: 'application/json',
  read: async (request, limits, lease) => parseJsonList(await readBody(request, limits.maxBytes, lease), limits),
};

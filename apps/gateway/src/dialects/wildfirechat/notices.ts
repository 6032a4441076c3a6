import { NOTICE, type Notice } from '@cohort/contracts';
import { jsonText } from '../../dialect/json-text';
import type { JsonObject } from '../../dialect/json';

/** The vendor's types of the messages that its server shows people when a group changes. */
export const NOTICE_TYPES = {
  create: 104,
  add: 105,
  kick: 106,
  quit: 107,
  dismiss: 108,
  transfer: 109,
  name: 110,
  alias: 111,
  portrait: 112,
  mute: 113,
  joinType: 114,
  privateChat: 115,
  searchable: 116,
  manager: 117,
  silence: 118,
  allow: 119,
  kickVisible: 120,
  quitVisible: 121,
  extra: 122,
  memberExtra: 123,
} as const;

/** What a built-in notice says: operator, new value, member ids, and a member. Undefined ones are left out. */
export interface Said {
  readonly o?: string | undefined;
  readonly n?: string;
  readonly ms?: readonly string[];
  readonly m?: string;
}

/** What a request gives for the notice: a message of its own, and the lines that it is sent to. */
export interface Given {
  readonly notify_message: JsonObject | undefined;
  readonly to_lines: readonly number[];
}

const VENDOR = 'wildfirechat';
/** Characters of the vendor's message in which its clients find the built-in notices' JSON. */
const inBase64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');

/** The caller's message, if its type is above 0, takes the place of the built-in one. */
const isMessage = (message: JsonObject | undefined): message is JsonObject => Number(message?.type ?? 0) > 0;

const fits = (payload: string): boolean => Buffer.byteLength(payload) <= NOTICE.payloadBytes;

/**
 * The notice of a change of group `g`. A built-in one with too many members for a notice is left out: the event itself has
 * them. With `second`, the payload is a list of two messages, the second one built-in.
 */
export function noticeOf(
  { notify_message: message, to_lines }: Given,
  kind: keyof typeof NOTICE_TYPES,
  g: string,
  { o, n, ms, m }: Said,
  second?: 'kickVisible' | 'quitVisible',
): { readonly notice?: Notice & { lines: number[] } } {
  const builtIn = (of: keyof typeof NOTICE_TYPES) =>
    JSON.stringify({ type: NOTICE_TYPES[of], base64edData: inBase64({ g, o, n, ms, m }) });
  const first = isMessage(message) ? jsonText(message) : builtIn(kind);
  const both = second === undefined ? undefined : `[${first},${builtIn(second)}]`;
  const payload = [both, first].find((one) => one !== undefined && fits(one));
  return payload === undefined ? {} : { notice: { vendor: VENDOR, payload, lines: [...to_lines] } };
}

import { NOTICE, type Notice } from '@cohort/contracts';
import { RongCloudError } from './errors';
import { noticeFlag, noticeText } from './fields';

/** The fields of a message that the vendor sends to the group with a change, if `bindNotifyMsg` is `true`. */
export const notice = {
  bindNotifyMsg: noticeFlag,
  fromUserId: noticeText,
  objectName: noticeText,
  content: noticeText,
  pushContent: noticeText,
  pushData: noticeText,
  pushExt: noticeText,
  isIncludeSender: noticeText,
  isPersisted: noticeText,
  disableUpdateLastMsg: noticeText,
} as const;

export type GivenNotice = { readonly bindNotifyMsg: boolean } & Readonly<
  Record<Exclude<keyof typeof notice, 'bindNotifyMsg'>, string | undefined>
>;

/** The notice of a command: the fields of the message that are given, as JSON. */
export function noticeOf({ bindNotifyMsg, ...given }: GivenNotice): { readonly notice?: Notice } {
  if (!bindNotifyMsg) return {};
  const names = Object.keys(notice).filter((name): name is keyof typeof given => name in given);
  const payload = JSON.stringify(Object.fromEntries(names.map((name) => [name, given[name]])));
  if (Buffer.byteLength(payload) > NOTICE.payloadBytes) {
    throw new RongCloudError(1005, `the message is longer than ${NOTICE.payloadBytes} bytes`);
  }
  return { notice: { vendor: 'rongcloud', payload } };
}

import type { RongCloudSettings } from './settings';

/** The end of a mute that lasts for ever. */
const NEVER = '9999-12-31 23:59:59';

/** A time in the vendor's form, `2015-09-25 16:12:38`, in the tenant's time zone. Without a time: one that never comes. */
export function localTime(time: string | undefined, { utcOffsetMinutes }: RongCloudSettings): string {
  if (time === undefined) return NEVER;
  const local = new Date(Date.parse(time) + utcOffsetMinutes * 60_000);
  return local.toISOString().slice(0, 'yyyy-MM-ddTHH:mm:ss'.length).replace('T', ' ');
}

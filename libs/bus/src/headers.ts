import { headers, type MsgHdrs } from 'nats';

/** A message's headers, of names and values. */
export function msgHeaders(values: Readonly<Record<string, string>>): MsgHdrs {
  const all = headers();
  for (const [name, value] of Object.entries(values)) all.set(name, value);
  return all;
}

import { headers, type MsgHdrs } from 'nats';

/** A message's headers, of names and values. */
export function msgHeaders(values: Readonly<Record<string, string>>): MsgHdrs {
  const all = headers();
  // Each name stands once: `set` would look for it first, and nats.js looks through all of them.
  for (const [name, value] of Object.entries(values)) all.append(name, value);
  return all;
}

/** Looks a header up, whatever the case of its name; reads them all once, when the first is asked for. */
export function headerLookup(all: MsgHdrs | undefined): (name: string) => string | undefined {
  let values: Map<string, string | undefined> | undefined;
  return (name) => {
    values ??= new Map(Array.from(all ?? [], ([key, [first]]) => [key.toLowerCase(), first]));
    return values.get(name.toLowerCase());
  };
}

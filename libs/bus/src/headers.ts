import { headers, type MsgHdrs } from 'nats';

/** Creates the headers of a message. */
export function msgHeaders(values: Readonly<Record<string, string>>): MsgHdrs {
  const all = headers();
  // The names are unique. `set` would search all headers for each name first.
  for (const [name, value] of Object.entries(values)) all.append(name, value);
  return all;
}

/** Returns a lookup of headers that ignores the case of names. The headers are indexed at the first lookup. */
export function headerLookup(all: MsgHdrs | undefined): (name: string) => string | undefined {
  let values: Map<string, string | undefined> | undefined;
  return (name) => {
    values ??= new Map(Array.from(all ?? [], ([key, [first]]) => [key.toLowerCase(), first]));
    return values.get(name.toLowerCase());
  };
}

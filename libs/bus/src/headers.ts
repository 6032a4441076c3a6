import { headers, type MsgHdrs } from 'nats';

/** Creates the headers of a message. */
export function msgHeaders(values: Readonly<Record<string, string>>): MsgHdrs {
  const all = headers();
  // The names are unique. `set` would search all headers for each name first.
  for (const [name, value] of Object.entries(values)) all.append(name, value);
  return all;
}

/** Returns all headers as names in lower case with their values: none for headers that can't be read. */
export function headerValues(read: () => MsgHdrs | undefined): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (const [name, values] of readable(read) ?? []) {
    const key = name.toLowerCase();
    all.set(key, [...(all.get(key) ?? []), ...values]);
  }
  return all;
}

/**
 * Returns a lookup of headers that ignores the case of names. The headers are read at the first lookup. Headers that can't
 * be read count as none: nats-server stores and delivers whatever a publisher sent.
 */
export function headerLookup(read: () => MsgHdrs | undefined): (name: string) => string | undefined {
  let values: Map<string, string | undefined> | undefined;
  return (name) => {
    values ??= new Map(Array.from(readable(read) ?? [], ([key, [first]]) => [key.toLowerCase(), first]));
    return values.get(name.toLowerCase());
  };
}

/** Returns the headers, or undefined if they are malformed. */
function readable(read: () => MsgHdrs | undefined): MsgHdrs | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

import { randomBytes } from 'node:crypto';

/** What is stored beside the bytes: texts by name. */
export type Labels = Readonly<Record<string, string>>;

export interface NewFile {
  /** Of `newFileName`. */
  readonly name: string;
  readonly labels: Labels;
  /** The file isn't stored if it has more bytes. */
  readonly maxBytes: number;
}

export interface StoredFile {
  readonly name: string;
  readonly labels: Labels;
  /** Bytes. */
  readonly size: number;
  readonly storedAt: Date;
}

export interface OpenFile extends StoredFile {
  /**
   * Reads the bytes in parts, each when it is asked for. Throws before the last part if the bytes aren't those that were
   * stored, so that a reader that ended without an error has the whole file.
   */
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** Bytes of an upload that isn't finished, or was broken off. No file has them. */
export interface Unfinished {
  readonly id: string;
  /** When the last of them came. */
  readonly at: Date;
}

/** Stores bytes under names, for each tenant apart. A name is used once. A file is there when all its bytes are. */
export interface FileStore {
  /**
   * Resolves when all bytes are stored. Holds a few parts of them in memory, whatever their number. If the source or the
   * store fails, nothing is stored.
   *
   * @throws CohortError `FILE_TOO_LARGE`, `FILE_STORE_FULL`, `UNAVAILABLE`; `FORBIDDEN` if the name is taken
   */
  put(tenant: string, file: NewFile, bytes: AsyncIterable<Uint8Array>): Promise<StoredFile>;
  /** Undefined if there is no such file. */
  get(tenant: string, name: string): Promise<OpenFile | undefined>;
  /** Succeeds if there is no such file. */
  remove(tenant: string, name: string): Promise<void>;
}

/** What is stored, for those who look for what nobody needs. */
export interface FileInventory {
  /** The tenants that have, or had, files. */
  tenants(): Promise<string[]>;
  /** All files of a tenant. */
  list(tenant: string): AsyncIterable<StoredFile>;
  unfinished(tenant: string): AsyncIterable<Unfinished>;
  removeUnfinished(tenant: string, id: string): Promise<void>;
  remove(tenant: string, name: string): Promise<void>;
}

/** A name that nobody can guess: 192 bits of chance. */
export const newFileName = (): string => randomBytes(24).toString('base64url');

/** What the address of a file in the log begins with, if its bytes are in this store. */
const SCHEME = 'cohort-file:';

/** The address of bytes that are here, for the log. Each dialect makes one of it that its callers can open. */
export const addressOf = (name: string): string => `${SCHEME}${name}`;

/** The name of the bytes that an address in the log means; undefined if they aren't here. */
export const nameIn = (address: string): string | undefined =>
  address.startsWith(SCHEME) ? address.slice(SCHEME.length) : undefined;
